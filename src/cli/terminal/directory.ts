import type { Command } from 'commander';

export interface DirectoryOption {
  readonly dir?: string;
}

export function withDirectory(command: Command): Command {
  return command.option('--dir <folder>', 'the folder of the centre (default: ANSHIN_DIR, else the current one)');
}

export function directoryOf({ dir }: DirectoryOption): string {
  return dir ?? process.env['ANSHIN_DIR'] ?? '.';
}
