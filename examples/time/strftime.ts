// time.strftime of Python, as far as the course uses it. The caller gives the time.

const two = (number: number): string => String(number).padStart(2, '0');
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS =
  'January February March April May June July August September October November December';

/** The letters after `%`, and what they become, in local time as in Python. */
const directives: Readonly<Record<string, (time: Date) => string>> = {
  '%': () => '%',
  Y: (time) => String(time.getFullYear()),
  y: (time) => two(time.getFullYear() % 100),
  m: (time) => two(time.getMonth() + 1),
  d: (time) => two(time.getDate()),
  H: (time) => two(time.getHours()),
  I: (time) => two(time.getHours() % 12 || 12),
  M: (time) => two(time.getMinutes()),
  S: (time) => two(time.getSeconds()),
  p: (time) => (time.getHours() < 12 ? 'AM' : 'PM'),
  A: (time) => DAYS[time.getDay()] ?? '',
  a: (time) => (DAYS[time.getDay()] ?? '').slice(0, 3),
  B: (time) => MONTHS.split(' ')[time.getMonth()] ?? '',
  b: (time) => (MONTHS.split(' ')[time.getMonth()] ?? '').slice(0, 3),
  F: (time) => `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`,
  X: (time) => `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`,
};

/** The format that the course's server uses for an empty message. */
export const DEFAULT_FORMAT = '%Y-%m-%d %X';

/** Formats a time. Throws a RangeError for an unknown directive. */
export function strftime(format: string, time: Date): string {
  return format.replaceAll(/%(.?)/gsu, (whole, letter: string) => {
    const directive = Object.hasOwn(directives, letter) ? directives[letter] : undefined;
    if (directive === undefined) {
      throw new RangeError(`"${whole}" is not known in a time format.`);
    }
    return directive(time);
  });
}
