import { bytesOfText } from '#base/bytes.ts';
import { readInput } from '#cli/terminal/input.ts';
import { UsageFault } from '#cli/terminal/report.ts';

const bytesMin = 12;

/** Where a passphrase comes from: a file (one line), or the keyboard; never the command line, which others can read. */
export async function readPassphrase(options: { readonly passphraseFile?: string }, how: 'new' | 'known'): Promise<Uint8Array> {
  const file = options.passphraseFile ?? process.env['ANSHIN_PASSPHRASE_FILE'] ?? '';
  const typed = file === '' ? await typedPassphrase(how) : (await readInput(file)).toString('utf8');
  const passphrase = bytesOfText(typed.replace(/\r?\n$/, '').normalize('NFC'));
  if (how === 'new' && passphrase.length < bytesMin) {
    throw new UsageFault(`a passphrase has at least ${bytesMin} bytes: four or five words that belong to nobody`);
  }
  return passphrase;
}

async function typedPassphrase(how: 'new' | 'known'): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new UsageFault('there is no terminal to type the passphrase at: give --passphrase-file FILE or ANSHIN_PASSPHRASE_FILE');
  }
  const first = await askHidden('Passphrase: ');
  if (how === 'known') return first;
  if (first === (await askHidden('The same again: '))) return first;
  throw new UsageFault('the two passphrases differ: nothing was made');
}

/** Reads one line from the keyboard without showing it. */
function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let typed = '';
    const end = (done: () => void): void => {
      stdin.off('data', onData).setRawMode(false).pause();
      stderr.write('\n');
      done();
    };
    const onData = (keys: string): void => {
      for (const key of keys) {
        if (key === '\u0003') return end(() => reject(new UsageFault('interrupted: nothing was done')));
        if (key === '\r' || key === '\n') return end(() => resolve(typed));
        typed = key === '\u007f' ? typed.slice(0, -1) : `${typed}${key}`;
      }
    };
    stdin.on('data', onData).resume();
  });
}
