package dev.tokenbroker.operate.recording;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.json.StrictJson;
import dev.tokenbroker.base.json.StrictJson.Nulls;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.operate.recording.RecordedRequest.Ending;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A random sample of the distinct requests, bounded in number and bytes. It keeps at most a fixed
 * number of requests for each rule, and for each reason of a refusal without a rule. The choice is
 * uniform (Vitter, "Algorithm R", 1985) until the bytes are used up; then a long line gives way to
 * a short one. Safe for use by several threads.
 */
final class Sample {

  /** How many bytes longer a line may get, by its count and the time of its last request. */
  private static final int GROWTH = 32;

  private final int most;
  private final int mostPerRule;
  private final long mostBytes;
  private final Instant began;
  private final RandomGenerator random;
  private final Map<String, SampledRequest> requests = new LinkedHashMap<>();
  private final Map<String, Reservoir> reservoirs = new HashMap<>();
  private long bytes;
  private long notKept;

  Sample(RecordingSettings settings, Instant began, RandomGenerator random) {
    this.most = settings.maxRequests();
    this.mostPerRule = settings.maxPerRule();
    this.mostBytes = settings.maxBytes();
    this.began = began;
    this.random = random;
  }

  /** How often a request was made. Any thread may count; it does not hold the request's claims. */
  static final class Tally {

    private final LongAdder count = new LongAdder();
    private volatile Instant last;
    private volatile boolean dropped;

    private Tally(Instant now) {
      this.last = now;
      this.count.increment();
    }

    /** Counts once more; false if the request is not kept any longer. */
    boolean again(Instant now) {
      count.increment();
      last = now;
      return !dropped;
    }
  }

  /** A request in the sample. */
  static final class SampledRequest {

    private final String json;
    private final Instant first;
    private final Tally tally;
    private final int bytes;
    private volatile String revision;

    private SampledRequest(String json, String revision, Instant now) {
      this.json = json;
      this.revision = revision;
      this.first = now;
      this.tally = new Tally(now);
      this.bytes = line().length + GROWTH;
    }

    byte[] line() {
      Map<String, Object> more = new LinkedHashMap<>();
      more.put("revision", revision);
      more.put("count", tally.count.sum());
      more.put("first", first.toString());
      more.put("last", tally.last.toString());
      String rest = new String(JsonBytes.of(more), StandardCharsets.UTF_8).substring(1);
      // The text of the request is kept once, as its key. It lacks only these members.
      String text = json.substring(0, json.length() - 1) + "," + rest;
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  /** The kept requests with one ending, and the number offered. */
  private static final class Reservoir {
    private final List<SampledRequest> kept = new ArrayList<>();
    private long offered;
  }

  /** Adds or counts a request. Returns its count; null if it is not kept. */
  synchronized @Nullable Tally add(RecordedRequest request, Ending ending, Instant now) {
    // Requests with equal recorded claims may differ in others, and so in their endings.
    String json = request.json(ending);
    SampledRequest known = requests.get(json);
    if (known != null) {
      known.revision = ending.revision();
      known.tally.again(now);
      return known.tally;
    }
    SampledRequest seen = new SampledRequest(json, ending.revision(), now);
    Reservoir reservoir =
        reservoirs.computeIfAbsent(ending.rule() + " " + ending.reason(), _ -> new Reservoir());
    if (!isReadable(seen) || !keeps(reservoir, seen)) {
      notKept++;
      return null;
    }
    return seen.tally;
  }

  /** Whether a reader of the file takes the line: a credential may have more values than that. */
  private static boolean isReadable(SampledRequest seen) {
    return StrictJson.object(seen.line(), "line", Nulls.REFUSED) instanceof Outcome.Accepted;
  }

  private boolean keeps(Reservoir reservoir, SampledRequest seen) {
    reservoir.offered++;
    if (requests.size() < most
        && bytes + seen.bytes <= mostBytes
        && reservoir.kept.size() < mostPerRule) {
      reservoir.kept.add(seen);
      put(seen);
      return true;
    }
    long drawn = random.nextLong(reservoir.offered);
    if (drawn >= reservoir.kept.size()) {
      return false;
    }
    SampledRequest replaced = reservoir.kept.get((int) drawn);
    if (bytes - replaced.bytes + seen.bytes > mostBytes) {
      return false;
    }
    reservoir.kept.set((int) drawn, seen);
    requests.remove(replaced.json);
    bytes -= replaced.bytes;
    replaced.tally.dropped = true;
    notKept++;
    put(seen);
    return true;
  }

  private void put(SampledRequest seen) {
    requests.put(seen.json, seen);
    bytes += seen.bytes;
  }

  /** The requests at this moment, the earliest first. */
  synchronized List<SampledRequest> requests() {
    return List.copyOf(requests.values());
  }

  synchronized int size() {
    return requests.size();
  }

  /** How often a request was not kept, or lost its place. */
  synchronized long notKept() {
    return notKept;
  }

  Instant began() {
    return began;
  }
}
