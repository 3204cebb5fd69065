"""Gets veraPDF from Maven Central, keeps it outside of the work tree, and asks it whether files are PDF/A.

veraPDF's libraries come as they are published there, each held against its digest. They are under the GPL and the MPL, and never
part of this project.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from .elasticsearch import java_home
from .elasticsearch_home import Unavailable

_CENTRAL = "https://repo1.maven.org/maven2"
_PROGRAM = """
import java.io.File;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.*;
import org.verapdf.pdfa.results.*;

public class Check {
    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (String file : files) {
            try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(file))) {
                PDFAValidator validator = Foundries.defaultInstance().createValidator(parser.getFlavour(), false);
                ValidationResult result = validator.validate(parser);
                System.out.println((result.isCompliant() ? "PASS " : "FAIL ") + parser.getFlavour() + " " + file);
                for (TestAssertion one : result.getTestAssertions()) {
                    if (one.getStatus() == TestAssertion.Status.FAILED) {
                        System.out.println("  " + one.getRuleId().getClause() + " " + one.getMessage());
                    }
                }
            }
        }
    }
}
"""


def judge(*files: Path) -> str:
    """What veraPDF says of the files, `PASS 3a FILE` or `FAIL ...` and why. Raises Unavailable with the reason."""
    java_home()
    folder = home()
    told = subprocess.run(
        ["java", "-cp", f"{folder}/*", folder / "Check.java", *files], capture_output=True, text=True, timeout=300
    )
    if told.returncode != 0:
        raise Unavailable(f"veraPDF did not run (a JDK is needed, no mere runtime): {told.stderr[-500:]}")
    return told.stdout


def home() -> Path:
    """The folder of the libraries, fetched on the first call. Raises Unavailable."""
    cache = _cache()
    folder = cache / "verapdf-1.30.2"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "verapdf.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                _fetch(folder)
    except (OSError, URLError) as error:
        raise Unavailable(f"veraPDF could not be fetched: {error}") from error
    return folder


def _cache() -> Path:
    named = os.environ.get("GOVDATA_CACHE")
    if named:
        return Path(named)
    if os.geteuid() == 0:
        return Path("/var/cache/govdata")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "govdata"


def _fetch(folder: Path) -> None:
    print("Fetching veraPDF (about 20 MB) ...", file=sys.stderr, flush=True)
    partial = Path(tempfile.mkdtemp(prefix="verapdf-", dir=folder.parent))
    try:
        for line in Path(__file__).with_suffix(".sha256").read_text(encoding="utf-8").splitlines():
            digest, place = line.split()
            address = f"{os.environ.get('GOVDATA_MAVEN', _CENTRAL).rstrip('/')}/{place}"
            with urlopen(address, timeout=120) as answer:
                data = answer.read()
            if hashlib.sha256(data).hexdigest() != digest:
                raise Unavailable(f"{address} is not what this project was tried with")
            (partial / Path(place).name).write_bytes(data)
        (partial / "Check.java").write_text(_PROGRAM, encoding="utf-8")
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
