// A form is sent once, however often its button is pressed while the answer is on its way. After some seconds, or when the
// reader comes back to the page, it can be sent again: the answer may have been lost, or have been a file.
document.addEventListener("submit", function (event) {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(function () {
    delete form.dataset.sent;
  }, 5000);
});
addEventListener("pageshow", function () {
  document.querySelectorAll("form[data-sent]").forEach(function (form) {
    delete form.dataset.sent;
  });
});
