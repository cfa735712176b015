'use strict';

// Revokes the token of main.js when the job ends. The holder of a token may do that without a right. A token that cannot be
// revoked is a warning, since it expires by itself and the job has done its work.

const { call, command, log, run, told } = require('./main.js');

async function post() {
  const { STATE_broker: broker, STATE_expires: expires, STATE_token: token } = process.env;
  if (!token) {
    log('There is no token to revoke.');
    return;
  }
  if (new Date(expires) <= new Date()) {
    log('The token has expired.');
    return;
  }
  const answer = await call(`${broker}/revoke`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams({ token }),
  });
  if (answer.status === 200) {
    log('The token is revoked.');
  } else if (answer.status === 401) {
    log('The broker knows no such token: it is revoked or expired, or another server issued it.');
  } else {
    command('warning', `The token stays valid until ${expires}. ${told(answer)}`);
  }
}

run(post, 'warning', 0);
