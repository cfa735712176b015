// A workload that uses AWS' SDK as its documentation shows: the environment says where credentials come from.
import { readFileSync } from 'node:fs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { serve } from './lines.mjs';

await serve({
  /**
   * @param environment what the workload is started with
   * @param ca the authority of the service that it calls with its credentials
   */
  async identity({ environment, ca }) {
    Object.assign(process.env, environment);
    try {
      const client = new STSClient({ requestHandler: { httpsAgent: { ca: readFileSync(ca) } } });
      const { accessKeyId } = await client.config.credentials();
      const { Arn } = await client.send(new GetCallerIdentityCommand({}));
      return { accessKeyId, arn: Arn };
    } catch (refused) {
      return { message: refused.message };
    }
  },
});
