package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.DocumentGate.Source;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.FederationDocument;
import dev.tokenbroker.evaluate.federation.document.Outline.KeySetSummary;
import dev.tokenbroker.evaluate.federation.document.Yaml.Mapping;
import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.policy.Expressions;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.policy.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads the files of a document as one. It joins their sections in the order of the files and then
 * checks section by section. Targets refer to upstreams, and rules to issuers and targets, of any
 * file.
 */
final class DocumentReader {

  static final List<String> KEYS = List.of("issuers", "upstreams", "targets", "rules", "cases");

  static final int MAX_CASE_PATTERNS = 20;

  private final Expressions expressions;
  private final Surroundings surroundings;

  DocumentReader(Expressions expressions, Surroundings surroundings) {
    this.expressions = expressions;
    this.surroundings = surroundings;
  }

  FederationDocument read(SourceFiles files, Problems problems) {
    return read(files.documents(problems), files, problems);
  }

  /**
   * As {@link #read(SourceFiles, Problems)}.
   *
   * @param sources the files of the document
   * @param files the files that it names
   */
  FederationDocument read(List<Source> sources, SourceFiles files, Problems problems) {
    Entries entries = new Entries(problems);
    sources.forEach(entries::add);
    Place whole = new Place(sources.isEmpty() ? "" : sources.getFirst().name(), 1);
    if (problems.isEmpty() && entries.issuers.isEmpty()) {
      problems.at(
          whole,
          "no issuer is declared",
          "Declare at least one under 'issuers'; an empty document would refuse everybody.");
    }
    entries.checkSizes(whole);
    IssuerSection issuers = new IssuerSection(files, surroundings, problems);
    List<DeclaredIssuer> declared =
        entries.issuers.stream().map(issuers::read).flatMap(Optional::stream).toList();
    UpstreamSection upstreams = new UpstreamSection(files, surroundings, problems);
    List<UpstreamDefinition> declaredUpstreams =
        entries.upstreams.stream().map(upstreams::read).flatMap(Optional::stream).toList();
    TargetSection targets = new TargetSection(upstreams, problems);
    List<Target> declaredTargets =
        entries.targets.stream().map(targets::read).flatMap(Optional::stream).toList();
    upstreams.presentField().check(targets.audiences(), accepted(declared));
    RuleSection rules = new RuleSection(expressions, issuers.names(), targets, problems);
    List<Rule> declaredRules =
        entries.rules.stream().map(rules::read).flatMap(Optional::stream).toList();
    return new FederationDocument(
        declared,
        declaredUpstreams,
        declaredTargets,
        declaredRules,
        cases(entries, files, whole),
        entries.outline(Outline.keySets(declared), sources));
  }

  /** The audiences of credentials that the broker accepts. */
  private static Set<String> accepted(List<DeclaredIssuer> issuers) {
    return issuers.stream()
        .flatMap(issuer -> issuer.trust().audiences().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Each case file once, even if several patterns match it. */
  private static List<Source> cases(Entries entries, SourceFiles files, Place whole) {
    Map<String, Source> cases = new LinkedHashMap<>();
    for (Scalar written : entries.cases) {
      CasePattern.parse(written, entries.problems)
          .map(pattern -> files.cases(pattern, entries.problems))
          .ifPresent(read -> read.forEach(source -> cases.put(source.name(), source)));
    }
    if (cases.size() > SourceFiles.MAX_FILES) {
      entries.problems.at(
          whole,
          "all entries of 'cases' together match more than " + SourceFiles.MAX_FILES + " files",
          "Put the cases into fewer files.");
    }
    return List.copyOf(cases.values());
  }

  /** The entries of all files by section. */
  private static final class Entries {

    private final Problems problems;
    private final List<Mapping> issuers = new ArrayList<>();
    private final List<Mapping> upstreams = new ArrayList<>();
    private final List<Mapping> targets = new ArrayList<>();
    private final List<Mapping> rules = new ArrayList<>();
    private final List<Scalar> cases = new ArrayList<>();

    Entries(Problems problems) {
      this.problems = problems;
    }

    void add(Source source) {
      YamlParser.parse(source.name(), source.text(), problems).ifPresent(this::add);
    }

    private void add(Yaml root) {
      if (!(root instanceof Mapping mapping)) {
        problems.at(
            root.place(),
            "the document must be a mapping, this is " + root.kind(),
            "Begin with 'issuers:', 'targets:' and 'rules:'.");
        return;
      }
      Fields fields = new Fields("the document", mapping, KEYS, problems);
      issuers.addAll(fields.mappings("issuers", IssuerSection.MAX_ISSUERS));
      upstreams.addAll(fields.mappings("upstreams", UpstreamSection.MAX_UPSTREAMS));
      targets.addAll(fields.mappings("targets", TargetSection.MAX_TARGETS));
      rules.addAll(fields.mappings("rules", RuleSection.MAX_RULES));
      cases.addAll(fields.texts("cases", MAX_CASE_PATTERNS));
    }

    Outline outline(Map<String, KeySetSummary> keySets, List<Source> sources) {
      return new Outline(
          Outline.by("name", issuers),
          Outline.by("name", upstreams),
          Outline.by("audience", targets),
          Outline.by("name", rules),
          keySets,
          sources);
    }

    /** Checks the bounds for all files together, since each file alone may stay within them. */
    void checkSizes(Place whole) {
      checkSize("issuers", issuers, IssuerSection.MAX_ISSUERS, whole);
      checkSize("upstreams", upstreams, UpstreamSection.MAX_UPSTREAMS, whole);
      checkSize("targets", targets, TargetSection.MAX_TARGETS, whole);
      checkSize("rules", rules, RuleSection.MAX_RULES, whole);
    }

    private void checkSize(String section, List<Mapping> entries, int max, Place whole) {
      if (entries.size() > max) {
        problems.at(
            whole,
            "all files together declare more than " + max + " " + section,
            "Remove some of them.");
        entries.clear();
      }
    }
  }
}
