/**
 * Time buckets: records of rows that wait, by time, in two steps: wide buckets in a ring, and narrow slots of the one that
 * is open.
 *
 * Shape   a record is `stride` doubles, of which the first is its time; the others are the caller's, as doubles or as
 *         integers over the same bytes. A bucket is a list of chunks of CHUNK records, in order of arrival; it spans `width`
 *         ms, a power of two that starts at SLOTS and grows where what waits spans more than BUCKETS_FEW buckets and would not
 *         fill their chunks, or more than BUCKETS_MAX. The bucket that the watermark has reached is open: its records are
 *         linked by slots, which span width / SLOTS ms.
 *         Chunks are given back when nothing of their bucket waits any more; those given back last are filled first.
 *         Records very far ahead stand apart until the others come near them, so that one wrong time does not make all
 *         buckets wide.
 *         A place in a chunk has no time (NaN) where its record has left before the others, or none was put when buckets were
 *         joined.
 * Why     what has waited long has gone out of the cache. There are so few buckets that the ends of all of them stay in it:
 *         a row that comes late waits for no memory. A bucket is read in one go when it is opened, and is small enough to
 *         stay in the cache until its records have left, in whatever order.
 * Always  records leave slot by slot, so one leaves after all whose times are earlier by a slot or more. Within a slot they
 *         leave as they arrived, but for those that stood apart: the caller puts them in order where they are not.
 *         A record keeps its place while records are added; `take` may move those that stood apart.
 * Cost    a constant for each record that comes and goes, and a look at each bucket and slot that is passed.
 * Source  calendar queue (Brown, CACM 1988); hierarchical timing wheels (Varghese and Lauck, SOSP 1987).
 * Units   times in ms; places as the number of their first double.
 */
import { grownF64, grownI32 } from '../partial-matches/grow.ts';

const NONE = -1;
const CHUNK_BITS = 6;
const CHUNK = 1 << CHUNK_BITS;
/** Number of the last record in its chunk; that of NONE too, so that an empty bucket looks full. */
const CHUNK_LAST = CHUNK - 1;
const SLOTS = 256;
const BUCKETS_LEAST = 64;
const BUCKETS_MAX = 65_536;
/** More buckets than that only where so many records wait for each. */
const BUCKETS_FEW = 1_024;
const RECORDS_EACH = CHUNK;
const TAKEN_LEAST = 64;
/** Records so many ms ahead of the earliest stand apart. */
const FAR_MS = BUCKETS_MAX * SLOTS * 4;
/** Numbers of buckets less the base are small integers. */
const BASE_REACH = 2 ** 29;
const NOT_OPEN = Number.NaN;

export class TimeBuckets {
  readonly #stride: number;
  /** The records; others as soon as records are added. */
  doubles: Float64Array<ArrayBuffer>;
  ints: Int32Array;
  length = 0;
  /** What `take` took: places, and after each slot how many places there are up to its end. */
  taken = new Int32Array(TAKEN_LEAST);
  ends = new Int32Array(64);
  slotCount = 0;
  #width = SLOTS;
  /** 1 / width. */
  #scale = 1 / SLOTS;
  /** By bucket: first chunk, last record; then the same of the records that stand apart. A bucket without records has the last record NONE. */
  #ring = new Int32Array(2 * BUCKETS_LEAST + 2).fill(NONE);
  #mask = BUCKETS_LEAST - 1;
  /** A multiple of the ring's size near #first. */
  #base = 0;
  /** Numbers of the first and the last bucket that may hold a record; a bucket's number is floor(time / width). */
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #farCount = 0;
  /** No record that stands apart is earlier. */
  #farFrom = Number.POSITIVE_INFINITY;
  /** Number of the open bucket, which is the first then; NOT_OPEN equals none. */
  #open = NOT_OPEN;
  #openCount = 0;
  /** Of the open bucket, by slot: first and last record. Those with records lie from #slotFrom to #slotTo. */
  readonly #slots = new Int32Array(2 * SLOTS).fill(NONE);
  #slotFrom = SLOTS;
  #slotTo = NONE;
  /** By record: the next one of its slot. */
  #after = new Int32Array(CHUNK);
  /** By chunk: the next one of its bucket. */
  #next = new Int32Array(1);
  #free = new Int32Array(1);
  #freeCount = 0;
  /** Chunks ever used. */
  #used = 0;
  /** Whether there are places without a time. */
  #hasHoles = false;

  constructor(stride: number) {
    this.#stride = stride;
    this.doubles = new Float64Array(CHUNK * stride);
    this.ints = new Int32Array(this.doubles.buffer);
  }

  // --- records in

  /** Makes records with the times of rows[from, to) and writes their places into `into`. */
  add(times: Float64Array, rows: Int32Array, from: number, to: number, into: Int32Array): void {
    const stride = this.#stride;
    for (let i = from; i < to; i += 1) {
      const ring = this.#ring;
      const { doubles } = this;
      const first = this.#first;
      const last = this.#last;
      const scale = this.#scale;
      const mask = this.#mask;
      const base = this.#base;
      const open = this.#open;
      const began = i;
      // As long as buckets are there and their last chunks have room.
      for (; i < to; i += 1) {
        const time = times[rows[i] as number] as number;
        const bucket = Math.floor(time * scale);
        if (bucket < first || bucket > last) break;
        const at = 2 * ((bucket - base) & mask) + 1;
        const tail = ring[at] as number;
        if ((tail & CHUNK_LAST) === CHUNK_LAST) break;
        const record = tail + 1;
        ring[at] = record;
        const place = record * stride;
        doubles[place] = time;
        into[i - from] = place;
        if (bucket === open) this.#link(record, time);
      }
      this.length += i - began;
      if (i < to) into[i - from] = this.#add(times[rows[i] as number] as number) * stride;
    }
  }

  /** Makes one record; answers with its number. */
  #add(time: number): number {
    let at = this.#farAt;
    let bucket = Math.floor(time * this.#scale);
    const isFar = bucket > this.#last && time - this.#first * this.#width > FAR_MS;
    if (isFar) {
      this.#farCount += 1;
      this.#farFrom = Math.min(this.#farFrom, time);
    } else {
      if (bucket < this.#first || bucket > this.#last) {
        this.#cover(time);
        bucket = Math.floor(time * this.#scale);
      }
      at = this.#indexOf(bucket);
    }
    this.length += 1;
    const record = this.#append(at);
    this.doubles[record * this.#stride] = time;
    if (bucket === this.#open && !isFar) this.#link(record, time);
    return record;
  }

  #append(at: number): number {
    const tail = this.#ring[at + 1] as number;
    let record = tail + 1;
    if ((tail & CHUNK_LAST) === CHUNK_LAST) {
      const chunk = this.#takeChunk();
      if (tail === NONE) this.#ring[at] = chunk;
      else this.#next[tail >> CHUNK_BITS] = chunk;
      record = chunk << CHUNK_BITS;
    }
    this.#ring[at + 1] = record;
    return record;
  }

  #takeChunk(): number {
    if (this.#freeCount > 0) {
      this.#freeCount -= 1;
      return this.#free[this.#freeCount] as number;
    }
    if (this.#used === this.#next.length) {
      const chunks = this.#used * 2;
      this.#next = grownI32(this.#next, chunks);
      this.#free = grownI32(this.#free, chunks);
      this.#after = grownI32(this.#after, chunks * CHUNK);
      this.doubles = grownF64(this.doubles, chunks * CHUNK * this.#stride);
      this.ints = new Int32Array(this.doubles.buffer);
    }
    this.#used += 1;
    return this.#used - 1;
  }

  /** Gives the chunks from `head` to that of the record `tail` back. */
  #giveBack(head: number, tail: number): void {
    const lastChunk = tail >> CHUNK_BITS;
    for (let chunk = head; chunk !== lastChunk; chunk = this.#next[chunk] as number) {
      this.#free[this.#freeCount] = chunk;
      this.#freeCount += 1;
    }
    this.#free[this.#freeCount] = lastChunk;
    this.#freeCount += 1;
  }

  /** Where the ring has a bucket between first and last. */
  #indexOf(bucket: number): number {
    return 2 * ((bucket - this.#base) & this.#mask);
  }

  get #farAt(): number { return this.#ring.length - 2; }

  // --- which buckets there are

  #setFirst(bucket: number): void {
    this.#first = bucket;
    if (Math.abs(bucket - this.#base) > BASE_REACH) this.#base = Math.floor(bucket / (this.#mask + 1)) * (this.#mask + 1);
  }

  #setWidth(width: number): void {
    this.#width = width;
    this.#scale = 1 / width;
  }

  /** Makes the bucket of `time` one of those between first and last. */
  #cover(time: number): void {
    const bucket = Math.floor(time * this.#scale);
    if (this.#first < bucket && bucket - this.#first <= this.#mask) {
      this.#last = bucket;
      return;
    }
    this.#close();
    let first = Math.min(this.#first, bucket);
    let last = Math.max(this.#last, bucket);
    if (bucket < this.#first && (last - first + 1) * this.#width > FAR_MS) {
      // The first of all by far: the others stand apart from now on.
      this.#farFrom = Math.min(this.#farFrom, this.#first * this.#width);
      for (let old = this.#first; old <= this.#last; old += 1) this.#move(this.#ring, this.#indexOf(old), this.#ring, this.#farAt);
      this.#farCount = this.length;
      this.#setWidth(SLOTS);
      this.#setFirst(Math.floor(time * this.#scale));
      this.#last = this.#first;
      return;
    }
    if (last - first <= this.#mask) {
      this.#setFirst(first);
      this.#last = last;
      return;
    }
    // Chunks are of one bucket each: where few records lie far apart, wide buckets fill them.
    const most = Math.min(BUCKETS_MAX, Math.max(BUCKETS_FEW, this.length / RECORDS_EACH));
    let width = this.#width;
    while (last - first >= most) {
      width *= 2;
      first = Math.floor(first / 2);
      last = Math.floor(last / 2);
    }
    const size = Math.max(this.#mask + 1, 2 ** Math.ceil(Math.log2(last - first + 1)));
    const ring = new Int32Array(2 * size + 2).fill(NONE);
    const base = Math.floor(first / size) * size;
    const ratio = this.#width / width;
    for (let old = this.#first; old <= this.#last; old += 1) {
      this.#move(this.#ring, this.#indexOf(old), ring, 2 * ((Math.floor(old * ratio) - base) & (size - 1)));
    }
    this.#move(this.#ring, this.#farAt, ring, 2 * size);
    this.#ring = ring;
    this.#mask = size - 1;
    this.#base = base;
    this.#setWidth(width);
    this.#first = first;
    this.#last = last;
  }

  /** Puts the records of one bucket behind those of another one. */
  #move(from: Int32Array, at: number, into: Int32Array, to: number): void {
    const tail = from[at + 1] as number;
    if (tail === NONE) return;
    const before = into[to + 1] as number;
    if (before === NONE) into[to] = from[at] as number;
    else {
      for (let record = before + 1; (record & CHUNK_LAST) !== 0; record += 1) {
        this.doubles[record * this.#stride] = Number.NaN;
        this.#hasHoles = true;
      }
      this.#next[before >> CHUNK_BITS] = from[at] as number;
    }
    into[to + 1] = tail;
    from[at + 1] = NONE;
  }

  // --- the open bucket

  /** Links all records of a bucket by slots, which are empty. */
  #openBucket(bucket: number): void {
    this.#setFirst(bucket);
    this.#open = bucket;
    this.#openCount = 0;
    this.#slotFrom = SLOTS;
    this.#slotTo = NONE;
    const at = this.#indexOf(bucket);
    const tail = this.#ring[at + 1] as number;
    const lastChunk = tail >> CHUNK_BITS;
    const { doubles } = this;
    const stride = this.#stride;
    const hasHoles = this.#hasHoles;
    for (let chunk = this.#ring[at] as number; ; chunk = this.#next[chunk] as number) {
      const end = chunk === lastChunk ? tail : (chunk << CHUNK_BITS) + CHUNK_LAST;
      for (let record = chunk << CHUNK_BITS; record <= end; record += 1) {
        const time = doubles[record * stride] as number;
        if (hasHoles && Number.isNaN(time)) continue;
        this.#link(record, time);
      }
      if (chunk === lastChunk) return;
    }
  }

  #link(record: number, time: number): void {
    const slots = this.#slots;
    const slot = Math.floor((time * this.#scale - this.#open) * SLOTS);
    const tail = slots[2 * slot + 1] as number;
    if (tail === NONE) {
      slots[2 * slot] = record;
      if (slot < this.#slotFrom) this.#slotFrom = slot;
      if (slot > this.#slotTo) this.#slotTo = slot;
    } else this.#after[tail] = record;
    slots[2 * slot + 1] = record;
    this.#openCount += 1;
  }

  /** Makes the open bucket one like the others. Its records stay where they are; beside them lie some that have left. */
  #close(): void {
    if (Number.isNaN(this.#open)) return;
    const at = this.#indexOf(this.#open);
    let count = 0;
    for (let slot = this.#slotFrom; slot <= this.#slotTo; slot += 1) count = this.#listSlot(slot, count);
    const left = this.#listed(count);
    const times = Float64Array.from(left, (place) => this.doubles[place] as number);
    const all = this.#listed(this.#listBucket(at, 0));
    for (const place of all) this.doubles[place] = Number.NaN;
    left.forEach((place, i) => { this.doubles[place] = times[i] as number; });
    this.#hasHoles = true;
    this.#slots.fill(NONE);
    this.#open = NOT_OPEN;
  }

  // --- lists of places

  /** Writes the places of a bucket that is not open into `taken` from `count` on; answers with the count after it. */
  #listBucket(at: number, before: number): number {
    const tail = this.#ring[at + 1] as number;
    if (tail === NONE) return before;
    const lastChunk = tail >> CHUNK_BITS;
    let count = before;
    for (let chunk = this.#ring[at] as number; ; chunk = this.#next[chunk] as number) {
      this.#reserve(count + CHUNK);
      const end = chunk === lastChunk ? tail : (chunk << CHUNK_BITS) + CHUNK_LAST;
      for (let record = chunk << CHUNK_BITS; record <= end; record += 1) {
        const place = record * this.#stride;
        if (Number.isNaN(this.doubles[place])) continue;
        this.taken[count] = place;
        count += 1;
      }
      if (chunk === lastChunk) return count;
    }
  }

  #listSlot(slot: number, before: number): number {
    const tail = this.#slots[2 * slot + 1] as number;
    if (tail === NONE) return before;
    const after = this.#after;
    const stride = this.#stride;
    let taken: Int32Array = this.taken;
    let count = before;
    for (let record = this.#slots[2 * slot] as number; ; record = after[record] as number) {
      if (count === taken.length) taken = this.#reserve(count + 1);
      taken[count] = record * stride;
      count += 1;
      if (record === tail) return count;
    }
  }

  #reserve(count: number): Int32Array {
    if (count > this.taken.length) this.taken = grownI32(this.taken, Math.max(count, this.taken.length * 2));
    return this.taken;
  }

  /** What was listed; room for as much is not kept. */
  #listed(count: number): Int32Array {
    const places = this.taken.slice(0, count);
    this.taken = new Int32Array(TAKEN_LEAST);
    return places;
  }

  /** Places of all records that wait, slot by slot and bucket by bucket. */
  places(): Int32Array {
    let count = 0;
    for (let bucket = this.#first; bucket <= this.#last; bucket += 1) {
      if (bucket !== this.#open) count = this.#listBucket(this.#indexOf(bucket), count);
      else for (let slot = this.#slotFrom; slot <= this.#slotTo; slot += 1) count = this.#listSlot(slot, count);
    }
    return this.#listed(this.#listBucket(this.#farAt, count));
  }

  // --- records out

  /**
   * Takes records whose time is at most `time`: the first of them, as whole slots, until there are `most` or no more.
   * Answers with their count, 0 only where none is left. What lies in their places stays until records are added.
   */
  take(time: number, most: number): number {
    this.slotCount = 0;
    let count = 0;
    for (;;) {
      const due = Math.floor(time * this.#scale);
      const bucket = this.#nextBucket(due);
      // Nothing that is as late as what stands apart leaves before that.
      if (bucket > due || bucket >= Math.floor(this.#farFrom * this.#scale)) {
        // What comes near is put where others have left: only when those are gone.
        if (count > 0 || this.#farCount === 0 || this.#farFrom - time > FAR_MS / 2) return count;
        this.#comeNear();
        continue;
      }
      if (bucket !== this.#open) this.#openBucket(bucket);
      count = this.#takeOpen(bucket < due ? Number.POSITIVE_INFINITY : time, most, count);
      if (bucket === due || count >= most) return count;
    }
  }

  /** The open bucket, else the first one with records; infinite where they are later than the bucket `due`. */
  #nextBucket(due: number): number {
    if (!Number.isNaN(this.#open)) return this.#open;
    const end = Math.min(due, this.#last);
    let bucket = this.#first;
    while (bucket <= end && this.#ring[this.#indexOf(bucket) + 1] === NONE) bucket += 1;
    if (bucket <= end) return bucket;
    if (this.#first < end) this.#setFirst(end);
    return Number.POSITIVE_INFINITY;
  }

  /** From the open bucket; with an infinite time it is over. */
  #takeOpen(time: number, most: number, before: number): number {
    const open = this.#open;
    const until = time === Number.POSITIVE_INFINITY ? time : Math.floor((time * this.#scale - open) * SLOTS);
    const end = Math.min(until - 1, this.#slotTo);
    let count = before;
    let slot = this.#slotFrom;
    for (; slot <= end && count < most; slot += 1) {
      const listed = this.#listSlot(slot, count);
      if (listed === count) continue;
      this.#slots[2 * slot + 1] = NONE;
      count = listed;
      this.#noteEnd(count);
    }
    this.#slotFrom = slot;
    this.#openCount -= count - before;
    if (slot === until && count < most) count = this.#takePart(slot, time, count);
    this.length -= count - before;
    if (this.#openCount === 0) this.#emptied(time === Number.POSITIVE_INFINITY);
    return count;
  }

  /** From the slot that `time` lies in. */
  #takePart(slot: number, time: number, before: number): number {
    const listed = this.#listSlot(slot, before);
    this.#slots[2 * slot + 1] = NONE;
    this.#openCount -= listed - before;
    const { taken, doubles } = this;
    let count = before;
    for (let i = before; i < listed; i += 1) {
      const place = taken[i] as number;
      if ((doubles[place] as number) > time) this.#link(place / this.#stride, doubles[place] as number);
      else {
        taken[count] = place;
        count += 1;
      }
    }
    if (count > before) this.#noteEnd(count);
    return count;
  }

  #noteEnd(count: number): void {
    if (this.slotCount === this.ends.length) this.ends = grownI32(this.ends, this.slotCount * 2);
    this.ends[this.slotCount] = count;
    this.slotCount += 1;
  }

  /** Nothing waits in the open bucket; `isOver`: nor will anything come there. */
  #emptied(isOver: boolean): void {
    const open = this.#open;
    const at = this.#indexOf(open);
    const tail = this.#ring[at + 1] as number;
    if (tail !== NONE) this.#giveBack(this.#ring[at] as number, tail);
    this.#ring[at + 1] = NONE;
    this.#slotFrom = SLOTS;
    this.#slotTo = NONE;
    const isEmpty = this.length === this.#farCount;
    if (isOver || isEmpty) this.#open = NOT_OPEN;
    if (!isEmpty) {
      if (isOver) this.#setFirst(open + 1);
      return;
    }
    this.#first = Number.POSITIVE_INFINITY;
    this.#last = Number.NEGATIVE_INFINITY;
    this.#setWidth(SLOTS);
    if (this.length > 0) return;
    this.#used = 0;
    this.#freeCount = 0;
    this.#hasHoles = false;
  }

  /** Puts records that stood apart into the buckets; those that are still far from the first stand apart again. */
  #comeNear(): void {
    const at = this.#farAt;
    const head = this.#ring[at] as number;
    const tail = this.#ring[at + 1] as number;
    // Those that are near go first: the others are far from them.
    const far = this.#listed(this.#listBucket(at, 0));
    far.sort((a, b) => (this.doubles[a] as number) - (this.doubles[b] as number));
    this.#ring[at + 1] = NONE;
    this.length -= far.length;
    this.#farCount = 0;
    this.#farFrom = Number.POSITIVE_INFINITY;
    for (const from of far) {
      const to = this.#add(this.doubles[from] as number) * this.#stride;
      this.doubles.copyWithin(to, from, from + this.#stride);
    }
    this.#giveBack(head, tail);
  }
}
