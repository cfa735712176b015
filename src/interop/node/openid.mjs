// A client of an authorization server and a service that introspects, as they are written with openid-client.
import { importPKCS8 } from 'jose';
import * as openid from 'openid-client';
import { serve } from './lines.mjs';

const authentications = {
  none: () => openid.None(),
  basic: (secret) => openid.ClientSecretBasic(secret),
  post: (secret) => openid.ClientSecretPost(secret),
  key: async (pem) => openid.PrivateKeyJwt(await importPKCS8(pem, 'ES256')),
};
let configuration;

await serve({
  /** @param algorithm oidc for OpenID Connect Discovery, oauth2 for RFC 8414 */
  async discover({ issuer, client = 'interop', authentication = 'none', secret, algorithm = 'oidc' }) {
    const authenticated = await authentications[authentication](secret);
    configuration = await openid.discovery(new URL(issuer), client, undefined, authenticated, { algorithm });
    return configuration.serverMetadata();
  },

  token: ({ grantType, parameters }) => settled(() => openid.genericGrantRequest(configuration, grantType, parameters)),

  credentials: ({ parameters }) => settled(() => openid.clientCredentialsGrant(configuration, parameters)),

  introspect: ({ token }) => settled(() => openid.tokenIntrospection(configuration, token)),

  revoke: ({ token }) => settled(async () => (await openid.tokenRevocation(configuration, token)) ?? 'revoked'),
});

/** What came of it, as the library tells; whatever it does not tell by an error of its own is a failure of this program. */
async function settled(call) {
  try {
    return { value: await call() };
  } catch (error) {
    if (error instanceof openid.WWWAuthenticateChallengeError) {
      return { error: error.code, status: error.status, challenges: error.cause };
    }
    if (error instanceof openid.ResponseBodyError) {
      return { error: error.code, status: error.status, body: error.cause };
    }
    if (error instanceof openid.ClientError) {
      const response = error.cause instanceof Response ? error.cause : undefined;
      return { error: error.code, status: response?.status, retryAfter: response?.headers.get('retry-after') };
    }
    throw error;
  }
}
