import { createInterface } from 'node:readline';

/**
 * Answers each line of standard input with a line on standard output, one after the other. A line is a JSON object whose
 * member "do" names the command; the others are its arguments. A failure that no command expects ends the process.
 */
export async function serve(commands) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: name, ...args } = JSON.parse(line);
    console.log(JSON.stringify(await commands[name](args)));
  }
}
