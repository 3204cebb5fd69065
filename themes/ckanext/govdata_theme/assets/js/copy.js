// Buttons that copy the text beside them; without this file they stay hidden and the text can still be selected.
document.querySelectorAll(".gd-copy").forEach(function (button) {
  if (!navigator.clipboard) return;
  const text = button.closest(".gd-code").querySelector("code");
  const words = button.querySelector("span");
  const before = words.textContent;
  button.hidden = false;
  button.addEventListener("click", function () {
    navigator.clipboard.writeText(text.textContent).then(function () {
      words.textContent = button.dataset.done;
      setTimeout(function () {
        words.textContent = before;
      }, 2000);
    });
  });
});
