/** The last minutes of one figure as a small line. The axis starts at 0, so that noise stays small; it says nothing that the figure beside it does not. */
const WIDTH = 64;
const HEIGHT = 24;
const POINTS_MIN = 12;
const SPAN_MIN = 40;

export function sparkPath(values: readonly (number | null)[], count: number): string {
  const shown = values.slice(-count);
  const top = shown.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  // A few points are no course yet.
  if (top === 0 || shown.length < POINTS_MIN) return '';
  // A short course takes at least a part of the room, so that it can be read.
  const span = Math.max(SPAN_MIN, shown.length);
  let path = '';
  let pen = false;
  shown.forEach((value, at) => {
    if (value === null) {
      pen = false;
      return;
    }
    const x = WIDTH - ((shown.length - 1 - at) / (span - 1)) * WIDTH;
    const y = HEIGHT - 3 - (value / top) * (HEIGHT - 6);
    path += `${pen ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = true;
  });
  return path;
}

export function Sparkline({ values, count = 120 }: { readonly values: readonly (number | null)[]; readonly count?: number }) {
  return (
    <svg className="live-spark" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden focusable="false">
      <path d={sparkPath(values, count)} fill="none" stroke="var(--ink-3)" strokeWidth="1.4" strokeLinejoin="round" />
    </svg>
  );
}
