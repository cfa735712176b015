package dev.tokenbroker.operate.cases;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the expectation of a case. */
public final class ExpectationReader {

  /** The reasons of the steps that a rehearsal judges. */
  public static final Set<RefusalReason> REASONS =
      Collections.unmodifiableSet(
          EnumSet.of(
              RefusalReason.TARGET_UNKNOWN,
              RefusalReason.NO_RULE_MATCHED,
              RefusalReason.CLIENT_NOT_ADMITTED,
              RefusalReason.RULE_DISABLED,
              RefusalReason.RULE_EVALUATION_FAILED,
              RefusalReason.SCOPE_NOT_GRANTED,
              RefusalReason.CERTIFICATE_REQUIRED,
              RefusalReason.DPOP_PROOF_REQUIRED));

  private static final List<String> OF_TOKENS = List.of("subject", "scopes", "claims", "lifetime");

  private final Problems problems;
  private final ClaimReader claims;

  ExpectationReader(Problems problems) {
    this.problems = problems;
    this.claims = new ClaimReader(problems);
  }

  /** Reads the expectation. If it has a problem, the result is arbitrary. */
  Expectation read(Fields testCase) {
    Fields expect = testCase.section("expect");
    if (expect == null) {
      if (!testCase.has("expect")) {
        testCase.lacks(
            "expect", "Write 'expect: {accepted: RULE}' or 'expect: {refused: REASON}'.");
      }
      return new Expectation.Unlisted();
    }
    if (expect.has("accepted") == expect.has("refused")) {
      problems.at(
          expect.place(),
          "'expect' needs either 'accepted' or 'refused'",
          "Write 'accepted: RULE' or 'refused: REASON'.");
      return new Expectation.Unlisted();
    }
    return expect.has("accepted") ? accepted(expect) : refused(expect);
  }

  private Expectation accepted(Fields expect) {
    Scalar rule = expect.text("accepted");
    Scalar subject = expect.text("subject");
    Mapping expected = expect.mapping("claims");
    List<String> scopes = expect.texts("scopes").stream().map(Scalar::text).sorted().toList();
    return new Expectation.ByRule(
        rule == null ? "" : rule.text(),
        subject == null ? null : subject.text(),
        expect.has("scopes") ? scopes : null,
        expected == null ? null : withoutNulls(claims.claims(expected)),
        expect.duration("lifetime", CaseFileReader.SHORTEST, CaseFileReader.LONGEST));
  }

  private static Map<String, Object> withoutNulls(Map<String, @Nullable Object> claims) {
    Map<String, Object> kept = new LinkedHashMap<>();
    claims.forEach((name, value) -> IdentityReader.put(kept, name, value));
    return kept;
  }

  private Expectation refused(Fields expect) {
    for (String key : OF_TOKENS) {
      if (expect.has(key)) {
        expect.report(
            key,
            "'" + key + "' has no effect beside 'refused'",
            "Remove it: a refused request gets no token.");
      }
    }
    Scalar reason = expect.text("refused");
    if (reason == null) {
      return new Expectation.Unlisted();
    }
    String name = reason.text().toUpperCase(Locale.ROOT);
    Optional<RefusalReason> named =
        REASONS.stream().filter(one -> one.name().equals(name)).findAny();
    if (named.isEmpty()) {
      problems.at(
          reason.place(),
          "no judged step refuses for '" + reason.text() + "'",
          "Name one of "
              + REASONS.stream().map(Enum::name).collect(Collectors.joining(", "))
              + ".");
    }
    return new Expectation.ForReason(named.orElse(RefusalReason.NO_RULE_MATCHED));
  }
}
