/** The measures of the two papers, all of which a catalogue must hold. The ids are stable: records and assessments cite them. */
export const requiredMeasures: readonly string[] = [
  ...numbered('A1.US', 3),
  ...numbered('A1.CN', 3),
  ...numbered('A1.both', 1),
  ...numbered('A2.US', 5),
  ...numbered('A2.CN', 5),
  ...numbered('A3.both', 3),
  ...numbered('A4.both', 7),
  ...numbered('A0', 3),
  'A0.4.US',
  'A0.4.CN',
  'A0.5',
  ...numbered('B0', 2),
  'B1',
  'B2',
  ...numbered('B3', 4),
  'B4',
];

/** The challenges that the first paper names: nothing may hide them. */
export const requiredChallenges: readonly string[] = ['C1', 'C2', 'C2a', 'C3'];

function numbered(group: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, position) => `${group}.${position + 1}`);
}
