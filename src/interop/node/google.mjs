// A workload that gets its tokens by google-auth-library, as one does with a file of type external_account.
import { ExternalAccountClient } from 'google-auth-library';
import { serve } from './lines.mjs';

let client;

await serve({
  /** @param account what stands in the file that GOOGLE_APPLICATION_CREDENTIALS names */
  account({ account, scopes, eagerRefreshThresholdMillis }) {
    client = ExternalAccountClient.fromJSON({ ...account, eagerRefreshThresholdMillis });
    if (scopes) client.scopes = scopes;
    return {};
  },

  async token() {
    try {
      const { token, res } = await client.getAccessToken();
      const headers = await client.getRequestHeaders();
      return { token, authorization: headers.get('authorization'), scope: res.data.scope };
    } catch (refused) {
      if (!refused.response) throw refused;
      const { message, status, response } = refused;
      return { message, status, body: response.data, retryAfter: response.headers.get('retry-after') };
    }
  },
});
