package dev.tokenbroker.rehearsal;

import dev.tokenbroker.jose.StrictJson;
import dev.tokenbroker.jose.StrictJson.Nulls;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.rehearsal.RecordedRequest.Ending;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A bounded random sample of the distinct requests. It keeps a fixed number of requests for each
 * rule, and for each target without a rule. The choice is uniform (Vitter, "Algorithm R", 1985).
 * Use it on one thread only, except for the counts.
 */
final class Sample {

  private final int most;
  private final int mostPerRule;
  private final RandomGenerator random;
  private final Map<String, SampledRequest> requests = new LinkedHashMap<>();
  private final Map<String, Reservoir> reservoirs = new HashMap<>();
  private long notKept;

  Sample(int most, int mostPerRule, RandomGenerator random) {
    this.most = most;
    this.mostPerRule = mostPerRule;
    this.random = random;
  }

  /** A request in the sample. Any thread may count it. */
  static final class SampledRequest {

    private final RecordedRequest request;
    private final Instant first;
    private final LongAdder count = new LongAdder();
    private volatile Ending ending;
    private volatile boolean dropped;
    private volatile Instant last;

    private SampledRequest(RecordedRequest request, Ending ending, Instant now) {
      this.request = request;
      this.ending = ending;
      this.first = now;
      this.last = now;
      this.count.increment();
    }

    /** Counts once more; false if the request is not kept any longer. */
    boolean again(Instant now) {
      count.increment();
      last = now;
      return !dropped;
    }

    byte[] line() {
      return request.line(ending, count.sum(), first, last);
    }
  }

  /** The kept requests with one ending, and the number offered. */
  private static final class Reservoir {
    private final List<String> kept = new ArrayList<>();
    private long offered;
  }

  /** Adds or counts a request. Returns its entry; null if it is not kept. */
  @Nullable SampledRequest add(RecordedRequest request, Ending ending, Instant now) {
    String decided = ending.rule() + " " + ending.reason();
    // Requests with equal recorded claims may differ in others, and so in their endings.
    String key = request.key() + decided;
    SampledRequest known = requests.get(key);
    if (known != null) {
      known.ending = ending;
      boolean _ = known.again(now);
      return known;
    }
    SampledRequest seen = new SampledRequest(request, ending, now);
    Reservoir reservoir = reservoirs.computeIfAbsent(decided, _ -> new Reservoir());
    if (!isReadable(seen) || !hasRoom(reservoir, key)) {
      notKept++;
      return null;
    }
    requests.put(key, seen);
    return seen;
  }

  /** Whether a reader of the file takes the line: a credential may have more values than that. */
  private static boolean isReadable(SampledRequest seen) {
    return StrictJson.object(seen.line(), "line", Nulls.REFUSED) instanceof Outcome.Accepted;
  }

  private boolean hasRoom(Reservoir reservoir, String key) {
    reservoir.offered++;
    boolean full = requests.size() >= most;
    if (!full && reservoir.kept.size() < mostPerRule) {
      return reservoir.kept.add(key);
    }
    long drawn = random.nextLong(reservoir.offered);
    if (drawn >= reservoir.kept.size()) {
      return false;
    }
    SampledRequest replaced = requests.remove(reservoir.kept.set((int) drawn, key));
    if (replaced != null) {
      replaced.dropped = true;
    }
    notKept++;
    return true;
  }

  Collection<SampledRequest> requests() {
    return requests.values();
  }

  /** How often a request was not kept, or lost its place. */
  long notKept() {
    return notKept;
  }
}
