package dev.tokenbroker.token;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work that is done once for all who want its result at the same time.
 *
 * <p>Safe for use by any number of threads. There is no bound here, on flights or on those who
 * share one: whoever begins or joins one was admitted, which bounds them.
 *
 * @param <K> what makes two wishes the same
 * @param <W> the work
 * @param <R> what the work brings; expected refusals are results, too
 */
public final class SingleFlight<K, W extends Supplier<R>, R> {

  /*
   * The idea. A map from key to the flight under way. Who finds none puts one there, and whoever wins that is its leader and has
   * the work started; the others join. The work runs where its leader has it begun: what waits, on a thread of its own; what
   * does not, on the leader's own thread, now or later. In either case no caller is more than another: each waits as long as it
   * likes and leaves, and nobody's deadline or cancellation ends the work, whose result is wanted by others and by the cache.
   *
   * Landing: the work stores its result, then the flight is taken off the map, then the callers learn of it. In this order, who
   * is told and asks again finds no flight that has ended.
   *
   * One gap is left to the work. A caller looks into the cache and misses; then the flight stores its result and leaves
   * the map; then the caller comes here, and begins a second one. So work has to look into the cache again before it does
   * anything (TokenCache.peek). If the first flight stored before it left the map, and the second was put on the map
   * after that, the second sees what was stored: the map orders the two. Hence one call, not "mostly one".
   *
   * Failure. Whatever is thrown, errors included, ends the flight with that throwable for all who joined, and the next caller
   * begins anew; so does a thread that cannot be started. The end of the work always takes its key off the
   * map; so work must bound its own time. Nothing else does, but for work that was given up and is not shared any more: the
   * flight of the next caller takes its place. So work that may be given up stores nothing from then on, and ends soon.
   */

  private final ConcurrentHashMap<K, Flight.Run<W, R>> flights = new ConcurrentHashMap<>();
  private final LongAdder begun = new LongAdder();
  private final Executor threads;

  /** Each flight gets a virtual thread. */
  public SingleFlight() {
    this(work -> Thread.ofVirtual().name("flight").start(work));
  }

  /**
   * @param threads runs the work; one that rejects it makes the flight fail
   */
  public SingleFlight(Executor threads) {
    this.threads = threads;
  }

  /** The flight of that key, which may be joined; null where none is under way. */
  public @Nullable Flight<W, R> find(K key) {
    Flight.Run<W, R> underWay = flights.get(key);
    return underWay == null ? null : new Flight<>(underWay, false);
  }

  /**
   * Joins the flight of that key, or begins it.
   *
   * @param work must look into the cache again first and store its result last, must end by itself,
   *     and must not wait for a flight of the same key
   */
  public Flight<W, R> join(K key, W work) {
    return join(key, work, _ -> true);
  }

  /**
   * As {@link #join(Object, Supplier)}, where the work under way may have been given up.
   *
   * @param shared asked of the work under way, once and where there is any: whether it is shared;
   *     else it is not found any more, and this work is begun. Must not wait, nor come here
   */
  public Flight<W, R> join(K key, W work, Predicate<W> shared) {
    return join(key, work, shared, Runnable::run, () -> false);
  }

  /**
   * As {@link #join(Object, Supplier, Predicate)}, for work that may need no thread.
   *
   * @param where runs what {@code atOnce} does, soon; one that rejects it makes the flight fail
   * @param atOnce is asked once, there, where the flight begins: does what can be done of the work
   *     without waiting, and says whether the rest is to be done there and then, too
   */
  public Flight<W, R> join(
      K key, W work, Predicate<W> shared, Executor where, BooleanSupplier atOnce) {
    Flight.Run<W, R> mine = new Flight.Run<>(work);
    Flight.Run<W, R> boarded =
        flights.compute(
            key, (_, other) -> other != null && shared.test(other.work()) ? other : mine);
    if (boarded != mine) {
      return new Flight<>(boarded, false);
    }
    begun.increment();
    start(key, mine, where, atOnce);
    return new Flight<>(mine, true);
  }

  /** How many flights are under way. */
  public int underWay() {
    return flights.size();
  }

  /** How many flights were begun since the start. */
  public long begun() {
    return begun.sum();
  }

  private void start(K key, Flight.Run<W, R> mine, Executor where, BooleanSupplier atOnce) {
    begin(
        where,
        key,
        mine,
        () -> {
          if (atOnce.getAsBoolean()) {
            fly(key, mine);
          } else {
            begin(threads, key, mine, () -> fly(key, mine));
          }
        });
  }

  /** What cannot be begun ends the flight, wherever it fails. */
  private void begin(Executor where, K key, Flight.Run<W, R> mine, Runnable beginning) {
    try {
      where.execute(
          () -> {
            try {
              beginning.run();
            } catch (RuntimeException | Error failure) {
              notBegun(key, mine, failure);
            }
          });
    } catch (RuntimeException | Error rejected) {
      notBegun(key, mine, rejected);
    }
  }

  private void notBegun(K key, Flight.Run<W, R> mine, Throwable failure) {
    flights.remove(key, mine);
    mine.fail(failure);
  }

  private void fly(K key, Flight.Run<W, R> mine) {
    R result;
    try {
      result = mine.work().get();
    } catch (Throwable failure) { // Including what was thrown without being declared.
      flights.remove(key, mine);
      mine.fail(failure);
      return;
    }
    flights.remove(key, mine);
    mine.land(result);
  }
}
