import { accept, type Result, refuse } from '#base/refusal.ts';

/** A point on the sphere in whole millionths of a degree: north and east positive. A micro-degree of latitude is 11 cm. */
export interface Position {
  readonly latE6: number;
  readonly lonE6: number;
}

const unitsPerDegree = 1_000_000;
const latitudeMaxE6 = 90 * unitsPerDegree;
const longitudeMaxE6 = 180 * unitsPerDegree;

const hemisphereFirst = /^([NS])\s*(\d{4}|\d{6})(\.\d{1,3})?[\s,/]*([EW])\s*(\d{5}|\d{7})(\.\d{1,3})?$/;
const hemisphereLast = /^(\d{4}|\d{6})(\.\d{1,3})?\s*([NS])[\s,/]*(\d{5}|\d{7})(\.\d{1,3})?\s*([EW])$/;
const decimalSigned = /^([+-]?)(\d{1,2})(?:\.(\d{1,6}))?(?:\s*,\s*|\s+)([+-]?)(\d{1,3})(?:\.(\d{1,6}))?$/;
const decimalLettered = /^(\d{1,2})(?:\.(\d{1,6}))?\s*([NS])\s*,?\s*(\d{1,3})(?:\.(\d{1,6}))?\s*([EW])$/;

/**
 * Reads a position as aviation notices write it (`N200247E1113156`, `194557N 1181516E`, `1952N11145E`: degrees, minutes and,
 * where there are six or seven digits, seconds) or in decimal degrees (`-10.5, -146.5`, `10.5S 146.5W`).
 */
export function parsePosition(text: string): Result<Position> {
  const trimmed = text.trim();
  const angles = sexagesimalAngles(trimmed) ?? decimalAngles(trimmed);
  if (angles === undefined)
    return badPosition(text, 'is not a position such as 194557N 1181516E, N200247E1113156 or -10.5, -146.5');
  const [latE6, lonE6] = angles;
  if (latE6 === undefined || lonE6 === undefined) return badPosition(text, 'has minutes or seconds of 60 or more');
  const position = { latE6, lonE6 };
  return isPosition(position) ? accept(position) : badPosition(text, 'lies beyond 90 degrees of latitude or 180 of longitude');
}

export function isPosition({ latE6, lonE6 }: Position): boolean {
  if (!Number.isSafeInteger(latE6) || !Number.isSafeInteger(lonE6)) return false;
  return Math.abs(latE6) <= latitudeMaxE6 && Math.abs(lonE6) <= longitudeMaxE6;
}

/**
 * Writes a position exactly: degrees, minutes and seconds where whole seconds say it, decimal degrees where they do not.
 * Reading either form again gives the same micro-degrees.
 */
export function formatPosition(position: Position): string {
  const sexagesimal = formatAviation(position);
  const again = parsePosition(sexagesimal);
  const exact = again.ok && again.value.latE6 === position.latE6 && again.value.lonE6 === position.lonE6;
  return exact ? sexagesimal : formatDecimal(position);
}

/** The form of aviation notices, to the nearest second: `194557N 1181516E`. */
function formatAviation({ latE6, lonE6 }: Position): string {
  return `${digitsOf(latE6, 2)}${latE6 < 0 ? 'S' : 'N'} ${digitsOf(lonE6, 3)}${lonE6 < 0 ? 'W' : 'E'}`;
}

/** Decimal degrees with hemisphere letters and no needless zeros: `10.5S 146.5W`. */
function formatDecimal({ latE6, lonE6 }: Position): string {
  return `${decimalOf(latE6)}${latE6 < 0 ? 'S' : 'N'} ${decimalOf(lonE6)}${lonE6 < 0 ? 'W' : 'E'}`;
}

function sexagesimalAngles(text: string): readonly [number | undefined, number | undefined] | undefined {
  const first = hemisphereFirst.exec(text);
  if (first !== null) {
    const [, northSouth, lat, latFraction, eastWest, lon, lonFraction] = first;
    return [
      angleOfDigits({ digits: lat, fraction: latFraction, letter: northSouth }),
      angleOfDigits({ digits: lon, fraction: lonFraction, letter: eastWest }),
    ];
  }
  const last = hemisphereLast.exec(text);
  if (last === null) return undefined;
  const [, lat, latFraction, northSouth, lon, lonFraction, eastWest] = last;
  return [
    angleOfDigits({ digits: lat, fraction: latFraction, letter: northSouth }),
    angleOfDigits({ digits: lon, fraction: lonFraction, letter: eastWest }),
  ];
}

function decimalAngles(text: string): readonly [number, number] | undefined {
  const signed = decimalSigned.exec(text);
  if (signed !== null) {
    const [, latSign, lat, latFraction, lonSign, lon, lonFraction] = signed;
    return [signedE6(latSign === '-', lat, latFraction), signedE6(lonSign === '-', lon, lonFraction)];
  }
  const lettered = decimalLettered.exec(text);
  if (lettered === null) return undefined;
  const [, lat, latFraction, northSouth, lon, lonFraction, eastWest] = lettered;
  return [signedE6(northSouth === 'S', lat, latFraction), signedE6(eastWest === 'W', lon, lonFraction)];
}

/** The last two or four digits are minutes, or minutes and seconds; a fraction belongs to the last of them. */
function angleOfDigits(parts: {
  digits: string | undefined;
  fraction: string | undefined;
  letter: string | undefined;
}): number | undefined {
  const digits = parts.digits ?? '';
  const withSeconds = digits.length >= 6;
  const degreeDigits = digits.length - (withSeconds ? 4 : 2);
  const degrees = Number(digits.slice(0, degreeDigits));
  const minutes = Number(digits.slice(degreeDigits, degreeDigits + 2));
  const seconds = withSeconds ? Number(digits.slice(degreeDigits + 2)) : 0;
  if (minutes >= 60 || seconds >= 60) return undefined;
  // In thousandths of the last unit, so that the only rounding is the last division.
  const thousandths = Math.round(Number(`0${parts.fraction ?? ''}`) * 1000);
  const wholeSeconds = degrees * 3600 + minutes * 60 + seconds;
  const milliseconds = wholeSeconds * 1000 + thousandths * (withSeconds ? 1 : 60);
  const magnitude = Math.round((milliseconds * 1000) / 3600);
  return signOf(parts.letter === 'S' || parts.letter === 'W', magnitude);
}

function signedE6(negative: boolean, whole = '', fraction = ''): number {
  return signOf(negative, Number(whole) * unitsPerDegree + Number(fraction.padEnd(6, '0')));
}

/** Never the negative zero, which canonical JSON would write as 0. */
function signOf(negative: boolean, magnitude: number): number {
  return negative && magnitude !== 0 ? -magnitude : magnitude;
}

function digitsOf(angleE6: number, degreeDigits: number): string {
  const seconds = Math.round((Math.abs(angleE6) * 3600) / unitsPerDegree);
  const degrees = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return `${pad(degrees, degreeDigits)}${pad(minutes, 2)}${pad(seconds % 60, 2)}`;
}

function decimalOf(angleE6: number): string {
  const magnitude = Math.abs(angleE6);
  const fraction = pad(magnitude % unitsPerDegree, 6).replace(/0{1,5}$/, '');
  return `${Math.floor(magnitude / unitsPerDegree)}.${fraction}`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

function badPosition(text: string, reason: string): Result<never> {
  return refuse('agreement.area', `${JSON.stringify(text.slice(0, 40))} ${reason}`);
}
