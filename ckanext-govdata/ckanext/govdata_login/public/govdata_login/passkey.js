// Makes and shows passkeys. The page's buttons name the addresses; without script or passkeys the codes still work.
(function () {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  async function send(address, token, body) {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(body || {}),
    });
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.error || String(answer.status));
    return found;
  }

  function listed(credentials) {
    return (credentials || []).map((one) => ({ ...one, id: bytes(one.id) }));
  }

  async function make(button) {
    const options = await send(button.dataset.options, button.dataset.token);
    options.challenge = bytes(options.challenge);
    options.user.id = bytes(options.user.id);
    options.excludeCredentials = listed(options.excludeCredentials);
    const made = await navigator.credentials.create({ publicKey: options });
    const credential = {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      response: { clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject) },
    };
    return send(button.dataset.finish, button.dataset.token, { credential, title: navigator.platform || "" });
  }

  async function show(button) {
    const options = await send(button.dataset.options, button.dataset.token);
    options.challenge = bytes(options.challenge);
    options.allowCredentials = listed(options.allowCredentials);
    const shown = await navigator.credentials.get({ publicKey: options });
    const response = shown.response;
    return send(button.dataset.finish, button.dataset.token, {
      id: shown.id,
      rawId: text(shown.rawId),
      type: shown.type,
      response: {
        clientDataJSON: text(response.clientDataJSON),
        authenticatorData: text(response.authenticatorData),
        signature: text(response.signature),
        userHandle: response.userHandle ? text(response.userHandle) : null,
      },
    });
  }

  document.querySelectorAll("[data-govdata-passkey]").forEach((button) => {
    if (!window.PublicKeyCredential) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const words = document.getElementById(button.getAttribute("aria-describedby"));
      try {
        const done = await (button.dataset.govdataPasskey === "make" ? make(button) : show(button));
        window.location.assign(done.next);
      } catch (error) {
        words.textContent = error.name === "NotAllowedError" ? button.dataset.stopped : error.message;
      }
    });
  });
})();
