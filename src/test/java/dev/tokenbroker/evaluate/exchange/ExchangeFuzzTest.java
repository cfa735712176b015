package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.telemetry.AuditTexts;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict.Reader;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.TokenTraces;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole evaluation against changed requests: it accepts what is granted and nothing else, never
 * fails, records each once, and shows nothing of a credential to anybody.
 *
 * <p>{@code -Dfuzz.exchange.mutations} sets how many are tried, {@code -Dfuzz.seed} which; the same
 * seed makes the same requests on any number of processors.
 */
@Tag("drawn")
class ExchangeFuzzTest {

  private static final int MUTATIONS = Integer.getInteger("fuzz.exchange.mutations", 1_000);
  private static final long SEED = Long.getLong("fuzz.seed", 20261124L);
  private static final int PARTITIONS = 16;

  private static final Instant EXPIRE_TIME = TestClock.START.plusSeconds(540);
  private static final Duration MAX_LIFETIME = Duration.ofMinutes(10);
  private static final Set<String> TYPES =
      Set.of(
          "",
          ExchangeMutator.TYPE + "jwt",
          ExchangeMutator.TYPE + "id_token",
          ExchangeMutator.TYPE + "access_token");

  private final TestClock clock = new TestClock();
  private final SeededIssuer issuer = new SeededIssuer(SEED);
  private final String payments = issuer.credential("acme/payments");
  private final String docs = issuer.credential("acme/docs");
  private final String stranger = issuer.credential("other/docs");
  private final List<String> credentials = List.of(payments, docs, stranger);
  private final ThreadLocal<List<ExchangeRecord>> records = ThreadLocal.withInitial(ArrayList::new);

  @TempDir Path directory;

  @Test
  void grants_only_what_rules_allow_and_shows_no_credential() throws Exception {
    System.out.printf("ExchangeFuzzTest: %d mutations, seed %d%n", MUTATIONS, SEED);
    long beganNanos = System.nanoTime();
    Federation federation = TestExchange.federation(directory, issuer.federation(), clock);
    Map<RefusalReason, Integer> endings = new EnumMap<>(RefusalReason.class);
    int accepted = 0;

    try (CapturedLog log = new CapturedLog();
        ExecutorService workers =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      List<Future<Tally>> tallies = new ArrayList<>();
      for (int partition = 0; partition < PARTITIONS; partition++) {
        int which = partition;
        tallies.add(workers.submit(() -> run(which, federation, log)));
      }
      for (Future<Tally> tally : tallies) {
        accepted += tally.get().accepted;
        tally.get().endings.forEach((reason, count) -> endings.merge(reason, count, Integer::sum));
      }
    }

    System.out.printf(
        "ExchangeFuzzTest: %d accepted, refused %s, %d ms%n",
        accepted, endings, Duration.ofNanos(System.nanoTime() - beganNanos).toMillis());
    // The mutations are worth something only if they come to every check that they can come to.
    assertThat(accepted).isPositive();
    assertThat(endings)
        .containsKeys(
            RefusalReason.REQUEST_INVALID,
            RefusalReason.ACTOR_NOT_SUPPORTED,
            RefusalReason.CREDENTIAL_TYPE_NOT_SUPPORTED,
            RefusalReason.CREDENTIAL_MALFORMED,
            RefusalReason.CREDENTIAL_NOT_SUPPORTED,
            RefusalReason.CLAIM_MISSING,
            RefusalReason.ISSUER_UNKNOWN,
            RefusalReason.ISSUER_NEAR_MISS,
            RefusalReason.ALGORITHM_NOT_ALLOWED,
            RefusalReason.KEY_UNKNOWN,
            RefusalReason.SIGNATURE_INVALID,
            RefusalReason.CLIENT_MISMATCH,
            RefusalReason.TARGET_UNKNOWN,
            RefusalReason.NO_RULE_MATCHED,
            RefusalReason.SCOPE_NOT_GRANTED)
        .doesNotContainKey(RefusalReason.INTERNAL_ERROR);
  }

  /** How the evaluations of one partition ended. */
  private static final class Tally {
    private final Map<RefusalReason, Integer> endings = new EnumMap<>(RefusalReason.class);
    private int accepted;

    void count(@Nullable RefusalReason reason) {
      if (reason == null) {
        accepted++;
      } else {
        endings.merge(reason, 1, Integer::sum);
      }
    }
  }

  // Each partition has an exchange of its own: callers of one share evaluations, and a record is
  // then made by the thread that ends the evaluation.
  private Tally run(int partition, Federation federation, CapturedLog log) {
    TokenExchange exchange =
        TestExchange.by(federation, clock, List.of(record -> records.get().add(record))).build();
    SplittableRandom random = new SplittableRandom(SEED + partition);
    ExchangeMutator mutator = new ExchangeMutator(random, credentials);
    List<ExchangeRequest> valid =
        List.of(
            request("payments-api", payments),
            request("payments-api", payments, "deploy"),
            request("orders", docs, "read"),
            request("orders", stranger));
    Tally tally = new Tally();
    for (int at = partition; at < MUTATIONS; at += PARTITIONS) {
      String which = "mutation " + at + " of seed " + SEED;
      ExchangeRequest good = valid.get(random.nextInt(valid.size()));
      ExchangeRequest mutant = mutator.mutate(good);
      if (random.nextInt(4) == 0) {
        mutant = mutator.mutateCredential(mutant);
      }
      Verdict explained = random.nextInt(16) == 0 ? explain(exchange, mutant, log, which) : null;
      Exchanged ended = exchange(exchange, mutant, which);
      RefusalReason reason = ended.verdict().reason();
      check(mutant, good.subjectToken(), ended, log, which);
      if (explained != null && explained.reason() != reason) {
        throw new AssertionError(which + ": explained as " + explained + ", ended as " + reason);
      }
      tally.count(reason);
    }
    return tally;
  }

  private Verdict explain(
      TokenExchange exchange, ExchangeRequest mutant, CapturedLog log, String which) {
    Verdict verdict = TestExchange.explain(exchange, mutant);
    checkRecord(verdict, log.taken(), which);
    return verdict;
  }

  private static Exchanged exchange(TokenExchange exchange, ExchangeRequest mutant, String which) {
    try {
      return TestExchange.exchange(exchange, mutant);
    } catch (RuntimeException thrown) {
      throw new AssertionError(which, thrown);
    }
  }

  // Assertions are made where something is wrong only: AssertJ's would take most of the time.
  private void check(
      ExchangeRequest mutant, String good, Exchanged ended, CapturedLog log, String which) {
    if (ended.verdict().accepted() != isGranted(mutant)) {
      throw new AssertionError(which + " ended as " + ended);
    }
    List<CapturedLog.Entry> entries = log.taken();
    List<String> texts = new ArrayList<>();
    records.get().forEach(record -> texts.add(AuditTexts.of(record)));
    texts.add(ended.toString());
    texts.add(ended.verdict().disclosedTo(Reader.CALLER).toString());
    List<String> secrets = new ArrayList<>(List.of(good, mutant.subjectToken()));
    if (ended.outcome() instanceof Outcome.Accepted<IssuedToken>(IssuedToken token)) {
      secrets.add(token.value());
      Duration asked = mutant.lifetime() == null ? MAX_LIFETIME : mutant.lifetime();
      if (token.expireTime().isAfter(EXPIRE_TIME)
          || Duration.between(token.issueTime(), token.expireTime()).compareTo(asked) > 0) {
        throw new AssertionError(which + " lives too long: " + token);
      }
    }
    Verdict verdict = ended.verdict();
    for (String text : texts) {
      // Ours, long and in every text: looking them up would take most of the time.
      String theirs = text.replace(verdict.id(), "").replace(verdict.federationRevision(), "");
      for (String secret : secrets) {
        if (TokenTraces.shownIn(theirs, secret)) {
          throw new AssertionError(which + " is shown: " + text);
        }
      }
    }
    checkRecord(ended.verdict(), entries, which);
  }

  private void checkRecord(Verdict verdict, List<CapturedLog.Entry> entries, String which) {
    List<ExchangeRecord> told = List.copyOf(records.get());
    records.get().clear();
    boolean once =
        told.size() == 1 && told.getFirst().verdict().equals(verdict) && entries.isEmpty();
    if (!once) {
      throw new AssertionError(which + " left " + told + " and logged " + entries);
    }
  }

  private boolean isGranted(ExchangeRequest request) {
    Duration lifetime = request.lifetime();
    return !request.actor()
        && TYPES.contains(request.subjectTokenType())
        && request.scopes().size() <= 64
        && grantedScopes(request).containsAll(request.scopes())
        && hasGrant(request)
        && isOfClient(request)
        && (lifetime == null || lifetime.compareTo(Duration.ofSeconds(1)) >= 0);
  }

  private boolean hasGrant(ExchangeRequest request) {
    return switch (request.audience()) {
      case "payments-api" -> request.subjectToken().equals(payments);
      case "orders" ->
          request.subjectToken().equals(payments) || request.subjectToken().equals(docs);
      default -> false;
    };
  }

  private boolean isOfClient(ExchangeRequest request) {
    PresentedClient client = request.client();
    String repository = request.subjectToken().equals(payments) ? "payments" : "docs";
    return !client.byCredential()
        || client.id().isEmpty()
        || client.id().equals("repo:acme/" + repository + ":ref:refs/heads/main");
  }

  private static Set<String> grantedScopes(ExchangeRequest request) {
    return request.audience().equals("orders") ? Set.of("read") : Set.of("deploy", "read");
  }
}
