/** A fake uPlot: jsdom has no canvas, so the data to draw is kept as numbers. */

type Data = (number | null)[][];

export class FakePlot {
  static made: FakePlot[] = [];
  static readonly paths = {};
  isDestroyed = false;
  drawings = 1;

  constructor(
    readonly options: object,
    public data: Data,
  ) {
    FakePlot.made.push(this);
  }

  /** The last one that was created. */
  static get last(): FakePlot {
    const plot = FakePlot.made.at(-1);
    if (!plot) throw new Error("no chart was drawn");
    return plot;
  }

  setData(data: Data): void {
    this.data = data;
    this.drawings += 1;
  }

  setSize(): void {
    this.drawings += 1;
  }

  setCursor(): void {
    // Nothing is drawn.
  }

  valToPos(seconds: number): number {
    return seconds;
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}
