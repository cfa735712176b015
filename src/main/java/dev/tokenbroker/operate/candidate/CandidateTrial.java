package dev.tokenbroker.operate.candidate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Judged;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.operate.cases.Judgement;
import dev.tokenbroker.operate.cases.ValueText;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The comparisons of one candidate with one federation in force. Another revision of either begins
 * another trial, so counts, differences and memory begin anew.
 *
 * <p>One thread compares; any thread may read counts and differences.
 */
final class CandidateTrial {

  /** The most held tokens whose comparison is remembered. */
  static final int MOST_HELD = 100_000;

  /** How long a comparison of a held token is used: lifetimes and ages change with time. */
  static final Duration REMEMBERED_FOR = Duration.ofMinutes(1);

  private final Federation inForce;
  private final CandidateJudge judge;
  private final ComparisonCounts counts = new ComparisonCounts();
  private final DifferenceLog differences = new DifferenceLog();

  /** The comparison of each held token. All hits of one held token have the same grant object. */
  private final Cache<Grant, HeldComparison> held =
      Caffeine.newBuilder().weakKeys().maximumSize(MOST_HELD).executor(Runnable::run).build();

  private @Nullable ReadClaims readClaims; // only of the comparing thread

  /**
   * The comparison of a held token.
   *
   * @param difference the key in the log; null if nothing differs. It is weak, since only
   *     differences in the log may be counted by it, and the log bounds their memory
   * @param from the time of the comparison
   */
  private record HeldComparison(
      CandidateEffect effect, @Nullable WeakReference<String> difference, Instant from) {

    boolean isFresh(Instant now) {
      return !now.isBefore(from) && now.isBefore(from.plus(REMEMBERED_FOR));
    }
  }

  CandidateTrial(Federation inForce, Federation candidate) {
    this.inForce = inForce;
    this.judge = new CandidateJudge(candidate);
  }

  @SuppressWarnings("ReferenceEquality") // each load of a revision makes a federation of its own
  boolean isOf(@Nullable Federation current, @Nullable Federation candidate) {
    return inForce == current && judge.federation() == candidate;
  }

  /** Whether the federation in force has judged this exchange. */
  boolean covers(ExchangeRecord record) {
    return record.verdict().federationRevision().equals(inForce.revision());
  }

  ComparisonCounts counts() {
    return counts;
  }

  /** The last distinct differences, the newest first. */
  List<DecisionDifference> differences() {
    return differences.newestFirst();
  }

  /** The number of held tokens whose comparison is remembered. */
  long remembered() {
    held.cleanUp();
    return held.estimatedSize();
  }

  /** Compares the decisions on an exchange, at its own time. */
  CandidateEffect compare(ExchangeRecord record, Judged judged) {
    Grant token = record.endedAtCache() ? judged.grant() : null;
    Instant now = record.verdict().evaluationTime();
    if (token == null) {
      return compareAnew(record, judged).effect();
    }
    HeldComparison known = held.getIfPresent(token);
    if (known != null && known.isFresh(now) && isCounted(known, now)) {
      return known.effect();
    }
    HeldComparison compared = compareAnew(record, judged);
    held.put(token, compared);
    return compared.effect();
  }

  private boolean isCounted(HeldComparison known, Instant now) {
    if (known.difference() == null) {
      return true;
    }
    String key = known.difference().get();
    return key != null && differences.again(key, now);
  }

  private HeldComparison compareAnew(ExchangeRecord record, Judged judged) {
    Instant now = record.verdict().evaluationTime();
    Judgement before = inForce(record, judged);
    Judgement after = judge.judge(judged, now);
    CandidateEffect effect = CandidateEffect.between(before, after);
    if (effect == CandidateEffect.UNCHANGED) {
      return new HeldComparison(effect, null, now);
    }
    String key =
        differences.add(
            new DecisionDifference(
                effect,
                judged.identity().issuer().name(),
                Evidence.clean(judged.identity().subject()),
                record.verdict().target(),
                judged.scopes().stream().map(Evidence::clean).sorted().distinct().toList(),
                claims(judged),
                FederationDecision.of(before),
                FederationDecision.of(after),
                1,
                now,
                now));
    return new HeldComparison(effect, new WeakReference<>(key), now);
  }

  /** The decision as it was made; of a held token, whose grant has no claims, the same anew. */
  private Judgement inForce(ExchangeRecord record, Judged judged) {
    Instant now = record.verdict().evaluationTime();
    Grant grant = judged.grant();
    return grant != null && !record.endedAtCache()
        ? Judgement.granted(grant, now)
        : Judgement.of(
            inForce.policy(),
            judged.identity(),
            CandidateJudge.request(judged),
            CandidateJudge.keys(judged),
            now);
  }

  private Map<String, String> claims(Judged judged) {
    if (readClaims == null) {
      readClaims = new ReadClaims(inForce, judge.federation());
    }
    return readClaims.of(judged);
  }

  /** Shows the claims that rules of two federations read, by issuer and target. Immutable. */
  static final class ReadClaims {

    /** The most claims to show of an identity. */
    static final int MAX = 20;

    private final Map<String, Set<String>> names = new HashMap<>();

    ReadClaims(Federation inForce, Federation candidate) {
      for (Federation federation : List.of(inForce, candidate)) {
        add(federation);
      }
    }

    private void add(Federation federation) {
      Map<String, String> identifiers =
          federation.issuers().all().stream()
              .collect(Collectors.toMap(TrustedIssuer::name, TrustedIssuer::issuer));
      federation
          .policy()
          .rules()
          .forEach(
              rule -> {
                Set<String> read = new TreeSet<>();
                federation.policy().uses(rule).forEach(uses -> read.addAll(uses.claims()));
                identifiers.forEach(
                    (issuer, iss) -> {
                      if (rule.isFor(issuer)) {
                        names
                            .computeIfAbsent(key(iss, rule.audience()), _ -> new TreeSet<>())
                            .addAll(read);
                      }
                    });
              });
    }

    private static String key(String iss, String target) {
      return iss + '\n' + target;
    }

    /** The claims of an identity as text, sorted by name. */
    Map<String, String> of(Judged judged) {
      Map<String, String> shown = new LinkedHashMap<>();
      Map<String, Object> claims = judged.identity().claims();
      String key = key(judged.identity().issuer().issuer(), judged.target());
      for (String name : names.getOrDefault(key, Set.of())) {
        Object value = claims.get(name);
        if (value != null && shown.size() < MAX) {
          shown.put(ValueText.of(name), ValueText.of(value));
        }
      }
      return shown;
    }
  }
}
