"""Files that a row names as its data, and files in an archive beside its list."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ckanext.govdata_harvest.mapping.columns import KnownNames
from ckanext.govdata_harvest.mapping.data_files import files_named, inside_path
from ckanext.govdata_harvest.readers import ListError, Row, open_list
from ckanext.govdata_harvest.readers.archive import unpacked_member

LIST = "资源名称,提供单位,开放属性,数据文件\n停车场,城管局,无条件开放,停车场.csv\n"
ROWS = "资源名称,提供单位,开放属性\n东站,城投,无条件开放\n"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("停车场.csv", "停车场.csv"),
        ("data/停车场.csv", "data/停车场.csv"),
        ("./停车场.csv", "停车场.csv"),
        ("数据\\停车场.csv", "数据/停车场.csv"),
        ("../停车场.csv", ""),
        ("data/../../x", ""),
        ("/etc/passwd", ""),
        ("C:/x.csv", ""),
        ("file:///etc/passwd", ""),
        ("data//x", ""),
        (".ssh/id", ""),
        ("..\\..\\x", ""),
        ("x\x00.csv", ""),
        ("", ""),
    ],
)
def test_a_path_stays_where_it_begins(given: str, path: str) -> None:
    assert inside_path(given) == path


def test_a_cell_names_files_by_address_and_by_name_each_once() -> None:
    link = {"downloadURL": "https://a.cn/1.csv", "title": "甲", "format": "CSV"}
    found, outside = files_named(["https://a.cn/1.csv、x.csv\ny.csv；../z.csv"], [link])
    assert found == [
        {"address": "https://a.cn/1.csv", "title": "甲", "format": "CSV"},
        {"file": "x.csv"},
        {"file": "y.csv"},
    ]
    assert outside == ["../z.csv"]
    assert files_named([["x"], 3, "ftp://a.cn/x"], []) == ([], ["ftp://a.cn/x"])


def archive(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, text in members.items():
            made.writestr(name.replace("__", "/"), text)
    return path


def test_an_archive_s_folder_of_data_is_no_list(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"清单.csv": LIST, "data__停车场.csv": ROWS, "包__数据__b.csv": ROWS})
    file = open_list(path, KnownNames(), 1 << 20)
    rows = list(file.rows())
    assert [dict(row.cells)["资源名称"] for row in rows if isinstance(row, Row)] == ["停车场"]
    alone = archive(tmp_path / "b.zip", **{"data__清单.csv": LIST})
    file = open_list(alone, KnownNames(), 1 << 20)
    assert len(list(file.rows())) == 1


def test_a_member_is_taken_by_its_name_and_written_under_ours(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "a.zip", **{"data__x.csv": "1", "other__y.csv": "2", "data__y.csv": "3", "..__x.csv": "4"}
    )
    target = tmp_path / "out"
    unpacked_member(path, "data/x.csv", target, 100)
    assert target.read_text() == "1"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.zip", "out"]
    for name, cause in (("y.csv", "file_ambiguous"), ("z.csv", "file_not_beside")):
        with pytest.raises(ListError) as refused:
            unpacked_member(path, name, tmp_path / "none", 100)
        assert refused.value.cause == cause
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as made:
        made.writestr("data/big.csv", "0" * (3 << 20))
    with pytest.raises(ListError) as refused:
        unpacked_member(path, "data/x.csv", tmp_path / "none", 1 << 20)
    assert refused.value.cause == "zip_bomb"
