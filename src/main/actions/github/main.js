'use strict';

// Exchanges the OIDC token of the job for a token of the broker. post.js revokes that token when the job ends. Needs no
// package; what both files share is exported at the end.

const { randomUUID } = require('node:crypto');
const { appendFileSync } = require('node:fs');

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const ATTEMPTS = 3;
const LONGEST_WAIT_SECONDS = 30;
const TIMEOUT_MILLIS = 30_000;
const LARGEST_ANSWER_BYTES = 1024 * 1024;

/** What the log shows of an expected failure: what happened, and what to do. */
class Failure extends Error {}

/** Writes a command for the runner into the log (::error::, ::add-mask::), with the escapes that it demands. */
function command(name, text) {
  const escaped = text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
  process.stdout.write(`::${name}::${escaped}\n`);
}

/** Writes a line into the log. What others sent must not begin a line, where the runner looks for commands. */
function log(text) {
  process.stdout.write(`${text.replace(/[\x00-\x1f\x7f]/g, ' ')}\n`);
}

/** Appends a value to a file of the runner, such as GITHUB_OUTPUT. The random delimiter keeps a value from ending early. */
function hand(file, name, value) {
  const path = process.env[file];
  if (!path) {
    throw new Failure(`The runner sets no ${file}. Use a runner that supports actions for Node 24.`);
  }
  const delimiter = `token_broker_${randomUUID()}`;
  appendFileSync(path, `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
}

function input(name, required) {
  const value = (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
  if (required && !value) {
    throw new Failure(`The input ${name} is missing. Add it under "with:" of the step.`);
  }
  return value;
}

/** The address of a server that may see tokens: https, or http on this machine. */
function address(text, name) {
  const url = URL.canParse(text) ? new URL(text) : null;
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
  if (!secure || url.username || url.password) {
    throw new Failure(`${name} is no https address without a user. Correct it, such as https://broker.acme.example.`);
  }
  return text;
}

async function bounded(response) {
  const parts = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > LARGEST_ANSWER_BYTES) {
      throw new Failure(`The answer of ${new URL(response.url).host} is larger than 1 MiB.`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** One request. Follows no redirect, since a token must not go anywhere else. */
async function call(url, options) {
  try {
    const response = await fetch(url, { ...options, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
    const text = await bounded(response);
    let body = {};
    try {
      body = Object(JSON.parse(text));
    } catch {
      // No JSON: the status says what happened.
    }
    return { status: response.status, body, retryAfter: Number(response.headers.get('retry-after') ?? NaN) };
  } catch (broken) {
    if (broken instanceof Failure) {
      throw broken;
    }
    const cause = broken.cause?.code ?? broken.cause?.message ?? broken.name;
    throw new Failure(`${new URL(url).host} cannot be reached (${cause}). Check the address, the network and the certificate.`);
  }
}

/** What the broker says about a refusal: the reason, the remedy and the id of its verdict. */
function told({ status, body }) {
  return typeof body.error_description === 'string'
    ? `The broker refused: ${body.error_description}`
    : `HTTP ${status} without a reason. Check that the address is that of the broker.`;
}

/** What the log must not show of a token. AWS credentials are a JSON document, whose members a job passes on one by one. */
function secrets(value) {
  try {
    const { SecretAccessKey, SessionToken } = Object(JSON.parse(value));
    return [value, SecretAccessKey, SessionToken].filter((secret) => typeof secret === 'string' && secret);
  } catch {
    return [value];
  }
}

/** A token in one line of printable text: anything else could not be masked. */
function token(value, name) {
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw new Failure(`${name} is missing in the answer, or it is no token.`);
  }
  secrets(value).forEach((secret) => command('add-mask', secret));
  return value;
}

/** The OIDC token of the job, from the runner. */
async function credential(audience) {
  const url = process.env.ACTIONS_ID_TOKEN_REQUEST_URL;
  const bearer = process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN;
  if (!url || !bearer) {
    throw new Failure(
      'The job may not request an OIDC token. Add "permissions: {id-token: write}" to the job; a pull request of a fork has no such right.',
    );
  }
  address(url, 'ACTIONS_ID_TOKEN_REQUEST_URL');
  const answer = await call(`${url}${url.includes('?') ? '&' : '?'}audience=${encodeURIComponent(audience)}`, {
    headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' },
  });
  if (answer.status !== 200) {
    throw new Failure(`GitHub gave no OIDC token: HTTP ${answer.status}. Run the job again.`);
  }
  return token(answer.body.value, 'The OIDC token');
}

async function exchange(broker, form) {
  for (let attempt = 1; ; attempt++) {
    const answer = await call(`${broker}/token`, { method: 'POST', body: new URLSearchParams(form) });
    if (answer.status === 200) {
      return answer.body;
    }
    if (attempt === ATTEMPTS || !(answer.retryAfter <= LONGEST_WAIT_SECONDS)) {
      throw new Failure(told(answer));
    }
    log(`${told(answer)} Next attempt in ${answer.retryAfter} s.`);
    await new Promise((resume) => setTimeout(resume, answer.retryAfter * 1000));
  }
}

async function main() {
  const broker = address(input('broker', true), 'The input broker').replace(/\/+$/, '');
  const audience = input('audience', true);
  const scope = input('scope');
  const variable = input('variable');
  if (variable && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable)) {
    throw new Failure('The input variable is no name of an environment variable. Use letters, digits and underscores.');
  }
  const answer = await exchange(broker, {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    subject_token: await credential(input('credential-audience') || broker),
    audience,
    ...(scope && { scope }),
  });
  const value = token(answer.access_token, 'The token');
  const expires = new Date(Date.now() + (Number(answer.expires_in) || 0) * 1000).toISOString();
  // First of all for post.js, so that the token is revoked whatever happens next.
  hand('GITHUB_STATE', 'broker', broker);
  hand('GITHUB_STATE', 'expires', expires);
  hand('GITHUB_STATE', 'token', value);
  hand('GITHUB_OUTPUT', 'token', value);
  hand('GITHUB_OUTPUT', 'expires-at', expires);
  hand('GITHUB_OUTPUT', 'scope', answer.scope ?? '');
  hand('GITHUB_OUTPUT', 'verdict-id', answer.verdict_id ?? '');
  if (variable) {
    hand('GITHUB_ENV', variable, value);
  }
  log(`A token for ${audience} until ${expires}, scopes: ${answer.scope || 'none'} (verdict ${answer.verdict_id})`);
}

/** Runs a step. A failure is one line in the log, at that level. */
function run(step, level, exitCode) {
  step().catch((broken) => {
    command(level, broken instanceof Failure ? broken.message : `A bug in this action: ${broken.stack}`);
    process.exitCode = exitCode;
  });
}

if (require.main === module) {
  run(main, 'error', 1);
}

module.exports = { call, command, log, run, told };
