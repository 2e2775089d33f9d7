// The command `anshin`. `verify` is a program of its own, and nothing of a centre is loaded for it.
const args = process.argv.slice(2);

if (args[0] === 'verify') {
  await import('#cli/verify/main.ts');
} else {
  const [{ anshinProgram }, { runProgram }] = await Promise.all([import('#cli/program.ts'), import('#cli/terminal/program.ts')]);
  process.exitCode = await runProgram(anshinProgram(), args);
}
