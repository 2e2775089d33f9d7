/** The lowest position of a sorted list at which `reaches` begins to hold, by binary search; `length` where it never does. */
export function lowestWhere(length: number, reaches: (position: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reaches(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
