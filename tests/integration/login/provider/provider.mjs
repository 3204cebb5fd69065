// The OpenID provider of the tests: oidc-provider with one client, people by name, keys that can be turned, and an off switch.
// Reads its settings as one line of JSON from standard input; prints "ready" when it listens; ends with its parent's pipe.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { createInterface } from 'node:readline';

const require = createRequire(pathToFileURL(`${process.env.PROVIDER_MODULES}/`));
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')).href);

const lines = createInterface({ input: process.stdin });
const settings = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
const issuer = `http://127.0.0.1:${settings.port}`;
const people = settings.people;
let serial = 0;
let down = false;
let handler;

function key() {
  serial += 1;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: `key-${serial}`, use: 'sig', alg: 'RS256' };
}

function make(keys) {
  const provider = new Provider(issuer, {
    clients: [{
      client_id: settings.client_id,
      client_secret: settings.client_secret,
      redirect_uris: settings.redirect_uris,
      post_logout_redirect_uris: settings.post_logout_redirect_uris,
      backchannel_logout_uri: settings.backchannel_logout_uri,
      backchannel_logout_session_required: true,
      require_auth_time: true,
    }],
    jwks: { keys },
    cookies: { keys: ['only-for-tests'] },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'dept', 'roles'], email: ['email', 'email_verified'], acr: null, sid: null, auth_time: null },
    conformIdTokenClaims: false,
    acrValues: ['silver', 'gold'],
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource: (ctx, form) => { const whole = form.replace('</form>', '<button type="submit" name="logout" value="yes">Sign out there</button></form>'); ctx.body = `<html lang="en"><title>Identity service</title><h1>Sign out?</h1>${whole}</html>`; } },
      backchannelLogout: { enabled: true },
      resourceIndicators: { enabled: false },
    },
    // The portal under test lives on this machine; the provider's own guard against that is left out.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (ctx, id) => (people[id] ? { accountId: id, claims: () => ({ sub: id, ...people[id] }) } : undefined),
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
    ttl: { Session: 3600, Grant: 3600, IdToken: 600, AccessToken: 600, Interaction: 600 },
  });
  for (const event of ['backchannel.error', 'server_error']) {
    provider.on(event, (...given) => console.error(event, given.find((one) => one instanceof Error)));
  }
  return provider;
}

let keys = [key()];
let provider = make(keys);
handler = provider.callback();

async function body(request) {
  let text = '';
  for await (const part of request) text += part;
  return new URLSearchParams(text);
}

async function interaction(request, response) {
  const details = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<html lang="en"><title>Identity service</title><h1>Identity service</h1><form method="post"><label>Who <input name="who"></label><button>Sign in</button></form></html>`);
    return;
  }
  const who = (await body(request)).get('who');
  const asked = String(details.params.acr_values || '').split(' ').filter(Boolean);
  const login = { accountId: who, acr: asked[0] || 'silver', remember: true, ts: Math.floor(Date.now() / 1000) };
  await provider.interactionFinished(request, response, who ? { login } : { error: 'access_denied' }, { mergeWithLastSubmission: false });
}

async function control(request, response) {
  const given = await body(request);
  const what = given.get('do');
  if (what === 'down') down = true;
  if (what === 'up') down = false;
  if (what === 'claims') people[given.get('who')] = JSON.parse(given.get('claims'));
  if (what === 'turn_keys') {
    keys = [key()];
    provider = make(keys);
    handler = provider.callback();
  }
  response.end('done');
}

createServer((request, response) => {
  const failed = (error) => { response.statusCode = 500; response.end(String(error && error.stack)); };
  if (request.url === '/control') control(request, response).catch(failed);
  else if (down) request.socket.destroy();
  else if (request.url.startsWith('/interaction/')) interaction(request, response).catch(failed);
  else handler(request, response);
}).listen(settings.port, '127.0.0.1', () => process.stdout.write('ready\n'));
lines.on('close', () => process.exit(0));
