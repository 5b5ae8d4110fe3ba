import { run } from './commandLine.ts';
import { processTerminal } from './terminal.ts';

// No process.exit: what was printed must reach its reader first.
void run(process.argv.slice(2), processTerminal()).then((code) => {
  process.exitCode = code;
});
