package dev.tokenbroker.rehearsal;

import dev.tokenbroker.federation.DocumentGate.Source;
import dev.tokenbroker.federation.Fields;
import dev.tokenbroker.federation.Place;
import dev.tokenbroker.federation.Problems;
import dev.tokenbroker.federation.Yaml;
import dev.tokenbroker.federation.Yaml.Entry;
import dev.tokenbroker.federation.Yaml.Mapping;
import dev.tokenbroker.federation.Yaml.Scalar;
import dev.tokenbroker.federation.YamlParser;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.rehearsal.CaseFile.Proved;
import dev.tokenbroker.rehearsal.CaseFile.TestCase;
import dev.tokenbroker.rehearsal.CaseFile.Workload;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads case files. Reports all problems of a file at once, each with its line. */
final class CaseFileReader {

  /** The reasons of the steps that are judged. */
  static final Set<RefusalReason> REASONS =
      EnumSet.of(
          RefusalReason.TARGET_UNKNOWN,
          RefusalReason.NO_RULE_MATCHED,
          RefusalReason.RULE_DISABLED,
          RefusalReason.RULE_EVALUATION_FAILED,
          RefusalReason.SCOPE_NOT_GRANTED,
          RefusalReason.CERTIFICATE_REQUIRED,
          RefusalReason.DPOP_PROOF_REQUIRED);

  static final int MAX_IDENTITIES = 1_000;
  static final int MAX_CASES = 10_000;
  static final int MAX_NAMES = 1_000;
  static final Duration SHORTEST = Duration.ofSeconds(1);
  static final Duration LONGEST = Duration.ofHours(24);

  static final List<String> KEYS = keys("federation now identities cases");
  static final List<String> IDENTITY_KEYS = keys("issuer like claims");
  static final List<String> CASE_KEYS =
      keys("name identity identities audience audiences scopes lifetime proved expect");
  static final List<String> EXPECT_KEYS = keys("accepted refused subject scopes claims lifetime");

  private final Problems problems;
  private final ClaimReader claims;

  CaseFileReader(Problems problems) {
    this.problems = problems;
    this.claims = new ClaimReader(problems);
  }

  /** The file; empty if it has problems. */
  Optional<CaseFile> read(Source source) {
    int before = problems.reports();
    Optional<Yaml> root = YamlParser.parse(source.name(), source.text(), problems);
    if (problems.reports() > before) {
      return Optional.empty();
    }
    if (root.orElse(null) instanceof Mapping document) {
      CaseFile file = read(source.name(), document);
      return problems.reports() > before ? Optional.empty() : Optional.of(file);
    }
    problems.at(
        root.map(Yaml::place).orElse(new Place(source.name(), 1)),
        "a case file must be a mapping",
        "Begin with 'identities:' and 'cases:'.");
    return Optional.empty();
  }

  private CaseFile read(String name, Mapping document) {
    Fields fields = new Fields("a case file", document, KEYS, problems);
    Scalar federation = fields.text("federation");
    Map<String, Workload> identities = identities(fields);
    List<TestCase> cases = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Mapping entry : fields.mappings("cases", MAX_CASES)) {
      TestCase read = testCase(entry, identities.keySet());
      if (!names.add(read.name())) {
        problems.at(
            entry.place(), "two cases have the name '" + read.name() + "'", "Give each its own.");
      }
      cases.add(read);
    }
    if (cases.isEmpty()) {
      fields.lacks("cases", "Write at least one case.");
    }
    return new CaseFile(
        name, federation == null ? null : federation.text(), now(fields), identities, cases);
  }

  private @Nullable Instant now(Fields fields) {
    Scalar now = fields.text("now");
    try {
      return now == null ? null : Instant.parse(now.text());
    } catch (DateTimeException wrong) {
      problems.at(
          now.place(), "'now' is no time: " + now.text(), "Write it as 2026-11-28T12:00:00Z.");
      return null;
    }
  }

  // --- identities

  private Map<String, Workload> identities(Fields fields) {
    Mapping mapping = fields.mapping("identities");
    if (mapping == null) {
      fields.lacks("identities", "Name the workloads, each with an issuer and its claims.");
      return Map.of();
    }
    if (mapping.entries().size() > MAX_IDENTITIES) {
      problems.at(
          mapping.place(),
          "the file has more than " + MAX_IDENTITIES + " identities",
          "Divide it into several files.");
      return Map.of();
    }
    Map<String, Fields> written = new LinkedHashMap<>();
    mapping.entries().forEach((name, entry) -> written(name, entry, written));
    Map<String, Workload> identities = new LinkedHashMap<>();
    for (String name : written.keySet()) {
      var _ = workload(name, written, identities, new HashSet<>());
    }
    return identities;
  }

  private void written(String name, Entry entry, Map<String, Fields> written) {
    if (entry.value() instanceof Mapping identity) {
      written.put(name, new Fields("an identity", identity, IDENTITY_KEYS, problems));
    } else {
      problems.at(
          entry.key(),
          "the identity '" + name + "' must be a mapping",
          "Give it an 'issuer' and 'claims'.");
    }
  }

  private @Nullable Workload workload(
      String name, Map<String, Fields> written, Map<String, Workload> made, Set<String> open) {
    Workload known = made.get(name);
    Fields fields = written.get(name);
    if (known != null || fields == null) {
      return known;
    }
    open.add(name);
    Workload base = base(fields, written, made, open);
    Scalar issuer = fields.text("issuer");
    if (issuer == null && base == null && !fields.has("like")) {
      fields.lacks("issuer", "Name an issuer of the federation document.");
    }
    Map<String, Object> all = new LinkedHashMap<>(base == null ? Map.of() : base.claims());
    Mapping own = fields.mapping("claims");
    if (own != null) {
      claims.claims(own).forEach((claim, value) -> put(all, claim, value));
    }
    if (!(all.get("sub") instanceof String subject) || subject.isEmpty()) {
      problems.at(
          fields.place(),
          "the identity '" + name + "' has no claim 'sub'",
          "Give it one: each credential has a subject.");
    }
    String by = issuer != null ? issuer.text() : base == null ? "" : base.issuer();
    Workload workload =
        new Workload(name, by, Collections.unmodifiableMap(all), fields.place().line());
    made.put(name, workload);
    return workload;
  }

  private static void put(Map<String, Object> all, String claim, @Nullable Object value) {
    if (value == null) {
      all.remove(claim);
    } else {
      all.put(claim, value);
    }
  }

  private @Nullable Workload base(
      Fields fields, Map<String, Fields> written, Map<String, Workload> made, Set<String> open) {
    Scalar like = fields.text("like");
    if (like == null) {
      return null;
    }
    if (!written.containsKey(like.text()) || open.contains(like.text())) {
      problems.at(
          like.place(),
          open.contains(like.text())
              ? "'like' leads back to '" + like.text() + "'"
              : "there is no identity '" + like.text() + "'",
          "Name another identity of this file.");
      return null;
    }
    return workload(like.text(), written, made, open);
  }

  // --- cases

  private TestCase testCase(Mapping entry, Set<String> identities) {
    Fields fields = new Fields("a case", entry, CASE_KEYS, problems);
    Scalar name = fields.required("name", "Say in a few words what the case shows.");
    List<Scalar> who = oneOrMore(fields, "identity", "identities");
    for (Scalar one : who) {
      if (!identities.contains(one.text())) {
        problems.at(
            one.place(),
            "there is no identity '" + one.text() + "'",
            "Name one under 'identities'.");
      }
    }
    return new TestCase(
        name == null ? "" : name.text(),
        who.stream().map(Scalar::text).toList(),
        oneOrMore(fields, "audience", "audiences").stream().map(Scalar::text).toList(),
        texts(fields, "scopes"),
        fields.duration("lifetime", SHORTEST, LONGEST),
        proved(fields),
        expected(fields),
        entry.place().line());
  }

  private List<Scalar> oneOrMore(Fields fields, String one, String several) {
    if (fields.has(one) == fields.has(several)) {
      problems.at(
          fields.placeOf(several),
          "a case needs either '" + one + "' or '" + several + "'",
          "Write one of them.");
      return List.of();
    }
    Scalar single = fields.text(one);
    return single != null ? List.of(single) : fields.texts(several, MAX_NAMES);
  }

  private static Set<String> texts(Fields fields, String key) {
    return fields.texts(key, MAX_NAMES).stream()
        .map(Scalar::text)
        .collect(Collectors.toUnmodifiableSet());
  }

  private Proved proved(Fields fields) {
    Scalar proved = fields.text("proved");
    if (proved == null) {
      return Proved.NONE;
    }
    return switch (proved.text()) {
      case "dpop" -> Proved.DPOP;
      case "certificate" -> Proved.CERTIFICATE;
      default -> {
        problems.at(
            proved.place(),
            "'proved' is neither dpop nor certificate: " + proved.text(),
            "Name the key that the caller has proved to hold.");
        yield Proved.NONE;
      }
    };
  }

  private Expectation expected(Fields fields) {
    Mapping mapping = fields.mapping("expect");
    if (mapping == null) {
      if (!fields.has("expect")) {
        fields.lacks("expect", "Write 'expect: {accepted: RULE}' or 'expect: {refused: REASON}'.");
      }
      return new Expectation.Unlisted();
    }
    Fields expect = new Fields("'expect'", mapping, EXPECT_KEYS, problems);
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
    return new Expectation.ByRule(
        rule == null ? "" : rule.text(),
        subject == null ? null : subject.text(),
        expect.has("scopes") ? texts(expect, "scopes").stream().sorted().toList() : null,
        expected == null ? null : withoutNulls(claims.claims(expected)),
        expect.duration("lifetime", SHORTEST, LONGEST));
  }

  private static Map<String, Object> withoutNulls(Map<String, @Nullable Object> claims) {
    Map<String, Object> kept = new LinkedHashMap<>();
    claims.forEach((name, value) -> put(kept, name, value));
    return kept;
  }

  private Expectation refused(Fields expect) {
    for (String key : List.of("subject", "scopes", "claims", "lifetime")) {
      if (expect.has(key)) {
        problems.at(
            expect.placeOf(key),
            "'" + key + "' has no effect beside 'refused'",
            "Remove it: a refused request gets no token.");
      }
    }
    Scalar reason = expect.text("refused");
    String text = reason == null ? "" : reason.text();
    Optional<RefusalReason> named =
        REASONS.stream().filter(one -> one.name().equals(text.toUpperCase(Locale.ROOT))).findAny();
    if (named.isEmpty()) {
      problems.at(
          expect.placeOf("refused"),
          "no judged step refuses for '" + text + "'",
          "Name one of "
              + REASONS.stream().map(Enum::name).collect(Collectors.joining(", "))
              + ".");
    }
    return new Expectation.ForReason(named.orElse(RefusalReason.NO_RULE_MATCHED));
  }

  private static List<String> keys(String names) {
    return List.of(names.split(" "));
  }
}
