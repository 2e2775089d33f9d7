// `anshin verify` as a program of its own: node src/cli/verify/main.ts --help
import { runProgram } from '#cli/terminal/program.ts';
import { verifyCommand } from '#cli/verify/verify-command.ts';

const args = process.argv.slice(2);
process.exitCode = await runProgram(verifyCommand().name('anshin verify'), args[0] === 'verify' ? args.slice(1) : args);
