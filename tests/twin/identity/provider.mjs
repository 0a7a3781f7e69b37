// A certified OpenID Connect provider (oidc-provider) that takes any name with any password; for tests.
// Arguments: port, redirect address, client secret.
import Provider from "oidc-provider";

const [port, redirect, secret] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: "parktwin", client_secret: secret, redirect_uris: [redirect] }],
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["name", "preferred_username"], email: ["email", "email_verified"] },
  cookies: { keys: ["only a test"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: `id-of-${id}`, name: id, preferred_username: id, email: `${id}@example.vn`, email_verified: false }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
