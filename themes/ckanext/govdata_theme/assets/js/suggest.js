// Suggestions under a search box (ARIA combobox): datasets whose title, pinyin or initials fit what is typed so far.
// Nothing is asked while a word is still being composed; without this file the box searches as ever.
document.querySelectorAll("form[data-suggest]").forEach(function (form, number) {
  const input = form.querySelector("input[name=q]");
  const list = document.createElement("ul");
  const said = document.createElement("span");
  let wait = 0;
  let asked = "";
  let active = -1;

  list.id = "gd-suggestions-" + number;
  list.className = "gd-suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.name);
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  form.append(list, said);
  const about = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
  Object.entries(about).forEach(function (pair) {
    input.setAttribute(pair[0], pair[1]);
  });

  function close() {
    clearTimeout(wait);
    active = -1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function point(place) {
    const options = list.children;
    active = (place + options.length + 1) % (options.length + 1);
    Array.from(options).forEach(function (option, at) {
      option.setAttribute("aria-selected", String(at === active));
    });
    if (active === options.length) {
      active = -1;
      input.removeAttribute("aria-activedescendant");
      return;
    }
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  }

  function go(option) {
    window.location.assign(form.dataset.dataset.replace("__name__", encodeURIComponent(option.dataset.name)));
  }

  function show(found) {
    list.replaceChildren(
      ...found.map(function (one, at) {
        const option = document.createElement("li");
        option.id = list.id + "-" + at;
        option.dataset.name = one.name;
        option.textContent = one.title;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        return option;
      }),
    );
    active = -1;
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    said.textContent = found.length ? form.dataset.some.replace("{num}", found.length) : form.dataset.none;
  }

  function ask() {
    const typed = input.value.trim();
    asked = typed;
    if (!typed) {
      close();
      return;
    }
    fetch(form.dataset.suggest + "?limit=8&q=" + encodeURIComponent(typed))
      .then(function (answer) {
        return answer.ok ? answer.json() : { result: [] };
      })
      .then(function (answer) {
        if (asked === typed && document.activeElement === input) show(answer.result);
      })
      .catch(close);
  }

  function later(event) {
    if (event.isComposing) return;
    clearTimeout(wait);
    wait = setTimeout(ask, 180);
  }

  input.addEventListener("input", later);
  input.addEventListener("compositionend", later);
  input.addEventListener("keydown", function (event) {
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else point(event.key === "ArrowDown" ? active + 1 : active < 0 ? list.children.length - 1 : active - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      go(list.children[active]);
    }
  });
  list.addEventListener("mousedown", function (event) {
    const option = event.target.closest("li");
    event.preventDefault();
    if (option) go(option);
  });
  input.addEventListener("blur", close);
});
