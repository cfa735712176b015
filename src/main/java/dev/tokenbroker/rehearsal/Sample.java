package dev.tokenbroker.rehearsal;

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
    private volatile Instant last;

    private SampledRequest(RecordedRequest request, Ending ending, Instant now) {
      this.request = request;
      this.ending = ending;
      this.first = now;
      this.last = now;
      this.count.increment();
    }

    void again(Instant now) {
      count.increment();
      last = now;
    }

    byte[] line() {
      return request.line(ending, count.sum(), first, last);
    }
  }

  /** The kept requests that one rule decided, and the number of distinct ones offered. */
  private static final class Reservoir {
    private final List<String> kept = new ArrayList<>();
    private long offered;
  }

  /** Adds or counts a request. Returns its entry; null if it is not kept. */
  @Nullable SampledRequest add(RecordedRequest request, Ending ending, Instant now) {
    String key = request.key();
    SampledRequest known = requests.get(key);
    if (known != null) {
      known.ending = ending;
      known.again(now);
      return known;
    }
    String rule = ending.rule() == null ? " " + request.target() : ending.rule();
    if (!hasRoom(reservoirs.computeIfAbsent(rule, _ -> new Reservoir()), key)) {
      notKept++;
      return null;
    }
    SampledRequest seen = new SampledRequest(request, ending, now);
    requests.put(key, seen);
    return seen;
  }

  private boolean hasRoom(Reservoir reservoir, String key) {
    reservoir.offered++;
    if (reservoir.kept.size() < mostPerRule) {
      if (requests.size() >= most) {
        return false;
      }
      return reservoir.kept.add(key);
    }
    long drawn = random.nextLong(reservoir.offered);
    if (drawn >= mostPerRule) {
      return false;
    }
    requests.remove(reservoir.kept.set((int) drawn, key));
    notKept++;
    return true;
  }

  Collection<SampledRequest> requests() {
    return requests.values();
  }

  /** The number of distinct requests that are not kept. */
  long notKept() {
    return notKept;
  }
}
