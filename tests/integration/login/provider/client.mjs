// A program of somebody else, on oauth4webapi: reads one order a line, answers each with a line of JSON.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.PROVIDER_MODULES}/package.json`);
const oauth = await import(pathToFileURL(require.resolve("oauth4webapi")).href);
const plain = { [oauth.allowInsecureRequests]: true };
let server, client, authenticate, verifier, redirect;

async function discover(order) {
  const issuer = new URL(order.issuer);
  server = await oauth.processDiscoveryResponse(
    issuer, await oauth.discoveryRequest(issuer, { ...plain, algorithm: "oauth2" }));
  client = { client_id: order.client };
  authenticate = order.secret ? oauth.ClientSecretBasic(order.secret)
    : order.jwk ? oauth.PrivateKeyJwt({ key: await crypto.subtle.importKey("jwk", order.jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]), kid: order.jwk.kid })
    : oauth.None();
  return { token_endpoint: server.token_endpoint };
}

async function credentials(order) {
  const answer = await oauth.clientCredentialsGrantRequest(
    server, client, authenticate, new URLSearchParams(order.scope ? { scope: order.scope } : {}), plain);
  return await oauth.processClientCredentialsResponse(server, client, answer);
}

async function begin(order) {
  verifier = oauth.generateRandomCodeVerifier();
  redirect = order.redirect;
  const address = new URL(server.authorization_endpoint);
  const asked = {
    client_id: client.client_id, redirect_uri: redirect, response_type: "code", scope: order.scope, state: "of-this-browser",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  return { address: address.href };
}

async function finish(order) {
  const given = oauth.validateAuthResponse(server, client, new URL(order.address), "of-this-browser");
  const answer = await oauth.authorizationCodeGrantRequest(server, client, authenticate, given, redirect, verifier, plain);
  return await oauth.processAuthorizationCodeResponse(server, client, answer);
}

async function refresh(order) {
  const answer = await oauth.refreshTokenGrantRequest(server, client, authenticate, order.token, plain);
  return await oauth.processRefreshTokenResponse(server, client, answer);
}

async function introspect(order) {
  const answer = await oauth.introspectionRequest(server, client, authenticate, order.token, plain);
  return await oauth.processIntrospectionResponse(server, client, answer);
}

async function revoke(order) {
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, authenticate, order.token, plain));
  return {};
}

async function read(order) {
  const answer = await oauth.protectedResourceRequest(order.token, "GET", new URL(order.address), new Headers(), null, plain);
  return { status: answer.status, text: await answer.text() };
}

const orders = { discover, credentials, begin, finish, refresh, introspect, revoke, read };
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  try {
    console.log(JSON.stringify(await orders[order.do](order)));
  } catch (error) {
    console.log(JSON.stringify({ failed: error.error ?? error.code ?? String(error) }));
  }
}
