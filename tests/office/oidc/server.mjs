// The OpenID provider of the test office: oidc-provider on 127.0.0.1, with everything in memory.
//
//   node server.mjs --port PORT [--access-ttl SECONDS]
//
// It stands for the providers of the world: authorization code with PKCE (S256 is demanded), refresh tokens that
// rotate, revocation (RFC 7009), introspection (RFC 7662, used by Dovecot), dynamic registration (RFC 7591),
// metadata (RFC 8414) and the issuer in the answer (RFC 9207).
//
// Where it says so, an administrator has to allow the program first: GET /admin/consent does.
//
// Tests turn it through the same port:
//   POST /_test/set          {"accessTtl": 2, "rotate": false, "failToken": {"count": 1, "status": 503,
//                             "retryAfter": 1, "delayMs": 0, "body": {...}}}   status 0 drops the connection
//                            {"keepRedirects": "app.mailroom:"}   registrations keep only addresses that begin so
//                            {"needsAdministrator": true}   nobody is let in until /admin/consent has been opened
//   POST /_test/kill-access  {"token": "..."}   ends one access token and leaves its refresh token alive
//   POST /_test/end-grants   {}   as a person does on the provider's page of connected programs: every grant ends
//   GET  /_test/log          the requests seen: [{"method", "path"}]
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { parseArgs } from "node:util";
import Provider from "oidc-provider";

const { values: options } = parseArgs({
  options: {
    port: { type: "string" },
    "access-ttl": { type: "string", default: "3600" },
  },
});
const port = Number(options.port);
const issuer = `http://127.0.0.1:${port}`;
const DAY = 24 * 3600;
const state = {
  accessTtl: Number(options["access-ttl"]),
  rotate: true,
  failToken: null,
  keepRedirects: "",
  needsAdministrator: false,
};
const log = [];
const grants = new Set();

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const signingKey = { ...privateKey.export({ format: "jwk" }), kid: "office", alg: "RS256", use: "sig" };

const mailScopes = [
  "mail",
  "https://mail.google.com/",
  "https://outlook.office.com/IMAP.AccessAsUser.All",
  "https://outlook.office.com/SMTP.Send",
];

// A public native client (RFC 8252): no secret, loopback redirects with any port, and the custom scheme.
const nativeClient = (client_id, extra = {}) => ({
  client_id,
  application_type: "native",
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  redirect_uris: [
    "app.mailroom://oauth/callback",
    "app.mailroom:/oauth/callback",
    "http://127.0.0.1/",
    "http://127.0.0.1/callback",
    "http://127.0.0.1/oauth/callback",
    "http://[::1]/callback",
    "http://[::1]/oauth/callback",
  ],
  ...extra,
});

const provider = new Provider(issuer, {
  clients: [
    nativeClient("mailroom"),
    // As Google does for desktop programs: a client secret that every copy of the program carries.
    nativeClient("mailroom-secret", {
      client_secret: "shipped-with-the-program",
      token_endpoint_auth_method: "client_secret_post",
    }),
    // Dovecot, which asks whether a token is alive.
    {
      client_id: "dovecot",
      client_secret: "dovecot-secret",
      token_endpoint_auth_method: "client_secret_basic",
      redirect_uris: [],
      grant_types: [],
      response_types: [],
    },
  ],
  jwks: { keys: [signingKey] },
  responseTypes: ["code"],
  cookies: { keys: ["test-office"] },
  scopes: ["openid", "offline_access", "email", "profile", ...mailScopes],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  findAccount: async (_context, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: id, email_verified: true, name: id.split("@")[0] }),
  }),
  pkce: { required: () => true },
  // A refresh token without prompt=consent, as the large providers hand them out.
  issueRefreshToken: async (_context, client) => client.grantTypeAllowed("refresh_token"),
  rotateRefreshToken: () => state.rotate,
  expiresWithSession: () => false,
  ttl: {
    AccessToken: () => state.accessTtl,
    AuthorizationCode: 60,
    Grant: 14 * DAY,
    IdToken: 3600,
    Interaction: 600,
    RefreshToken: 14 * DAY,
    Session: 3600,
  },
  features: {
    devInteractions: { enabled: true },
    introspection: { enabled: true, allowedPolicy: async () => true },
    registration: { enabled: true },
    revocation: { enabled: true, allowedPolicy: async () => true },
    userinfo: { enabled: true },
    resourceIndicators: { enabled: false },
  },
});
for (const event of ["server_error", "grant.error", "introspection.error", "revocation.error", "authorization.error"]) {
  provider.on(event, (_context, error) => console.error(event, error.message, error.error_description ?? ""));
}
provider.on("access_token.saved", ({ grantId }) => grants.add(grantId));
const serve = provider.callback();

function sendJson(response, status, value, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function turn(request, response, path) {
  const body = await readBody(request);
  if (path === "/_test/log") return sendJson(response, 200, log);
  if (path === "/_test/set") Object.assign(state, JSON.parse(body));
  else if (path === "/_test/kill-access") {
    const token = await provider.AccessToken.find(JSON.parse(body).token);
    if (!token) return sendJson(response, 404, { error: "no such token" });
    await token.destroy();
  } else if (path === "/_test/end-grants") {
    await endGrants();
  } else return sendJson(response, 404, { error: "no such test command" });
  return sendJson(response, 200, state);
}

async function endGrants() {
  for (const grant of grants) {
    await provider.AccessToken.revokeByGrantId(grant);
    await provider.RefreshToken.revokeByGrantId(grant);
    await (await provider.Grant.find(grant))?.destroy();
  }
  grants.clear();
}

function failToken(request, response) {
  const { status = 503, delayMs = 0, retryAfter, body = { error: "temporarily_unavailable" } } = state.failToken;
  state.failToken.count -= 1;
  request.resume();
  setTimeout(() => {
    if (status === 0) request.socket.destroy();
    else sendJson(response, status, body, retryAfter ? { "retry-after": String(retryAfter) } : {});
  }, delayMs);
}

/** Registers a client with some of its redirect addresses, as RFC 7591 section 3.2.1 allows. */
async function register(request, response) {
  const client = JSON.parse(await readBody(request));
  client.redirect_uris = client.redirect_uris.filter((address) => address.startsWith(state.keepRedirects));
  // The provider takes a body that was read before it.
  request.body = client;
  serve(request, response);
}

/** Sends the browser back as Microsoft does for a program that only an administrator may allow. */
function askForAdministrator(response, query) {
  const back = new URL(query.get("redirect_uri"));
  back.searchParams.set("error", "access_denied");
  back.searchParams.set("error_description", "AADSTS90094: an administrator has to allow this program.");
  back.searchParams.set("state", query.get("state") ?? "");
  back.searchParams.set("iss", issuer);
  response.writeHead(303, { location: back.href }).end();
}

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, issuer);
  if (pathname.startsWith("/_test/")) {
    turn(request, response, pathname).catch((error) => sendJson(response, 400, { error: String(error) }));
    return;
  }
  log.push({ method: request.method, path: pathname });
  if (log.length > 5000) log.shift();
  if (pathname === "/admin/consent") {
    state.needsAdministrator = false;
    response.writeHead(200, { "content-type": "text/plain" }).end("The program is allowed.");
  } else if (pathname === "/auth" && state.needsAdministrator) {
    askForAdministrator(response, searchParams);
  } else if (pathname === "/token" && state.failToken?.count > 0) {
    failToken(request, response);
  } else if (pathname === "/reg" && request.method === "POST" && state.keepRedirects !== "") {
    register(request, response).catch((error) => sendJson(response, 400, { error: String(error) }));
  } else {
    serve(request, response);
  }
}).listen(port, "127.0.0.1", () => console.log(`listening on ${issuer}`));
