// What the tests have the broker's surroundings do: see WatchedBroker.

const url = process.env.STAGE_URL;

/** Has it do that; the answer is a text. */
export async function stage(command, argument = '') {
  const response = await fetch(new URL(command, url), { method: 'POST', body: argument });
  const text = await response.text();
  if (!response.ok) throw new Error(`${command}: ${response.status} ${text}`);
  return text;
}

export const operatorToken = () => stage('token', 'operator');
