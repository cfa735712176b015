package dev.tokenbroker.operate.lint;

import dev.tokenbroker.judge.expression.Conjunct;
import dev.tokenbroker.judge.expression.TextMatch;
import dev.tokenbroker.judge.policy.Rule;

/** Finds text comparisons that admit more values than they seem to. */
final class TextLint {

  private static final String WHEN = "when";

  /** The characters that end a name in repositories, refs, subjects, hosts and addresses. */
  private static final String SEPARATORS = "/:-.@#";

  private final Findings findings;

  TextLint(Findings findings) {
    this.findings = findings;
  }

  void look(LintedRule linted) {
    if (linted.rule().disabled()) {
      return; // a disabled rule may match too many requests without harm
    }
    for (Conjunct part : linted.shape().parts()) {
      if (!part.negated()) {
        part.matches().forEach(match -> look(linted.rule(), match));
      }
    }
  }

  private void look(Rule rule, TextMatch match) {
    switch (match.kind()) {
      case STARTS_WITH -> {
        if (!isSeparated(match.text(), match.text().length() - 1)) {
          warnOfText(rule, match, "goes on after the constant", "End the constant at");
        }
      }
      case ENDS_WITH -> {
        if (!isSeparated(match.text(), 0)) {
          warnOfText(rule, match, "has more before the constant", "Begin the constant at");
        }
      }
      case CONTAINS -> {
        if (!isSeparated(match.text(), 0)
            || !isSeparated(match.text(), match.text().length() - 1)) {
          warnOfText(rule, match, "has more around the constant", "Begin and end the constant at");
        }
      }
      case MATCHES -> lookAtPattern(rule, match);
    }
  }

  private void lookAtPattern(Rule rule, TextMatch match) {
    PatternShape pattern = PatternShape.of(match.text());
    if (!pattern.isAnchored()) {
      findings.add(
          LintCode.UNANCHORED_PATTERN,
          rule,
          WHEN,
          "the rule %s accepts a text that holds the pattern anywhere: %s"
              .formatted(rule.name(), Findings.cut(match.source())),
          "Begin each alternative of the pattern with ^ and end it with $.");
    } else if (pattern.isOpenEnded()) {
      warnOfText(rule, match, "goes on where the wildcard is", "Put the wildcard next to");
    }
    if (pattern.hasLooseDot()) {
      findings.add(
          LintCode.PATTERN_DOT,
          rule,
          WHEN,
          "the rule %s accepts any character in place of a dot: %s"
              .formatted(rule.name(), Findings.cut(match.source())),
          "Write the dot as [.] in the pattern.");
    }
  }

  private void warnOfText(Rule rule, TextMatch match, String how, String remedy) {
    findings.add(
        LintCode.OPEN_ENDED_TEXT,
        rule,
        WHEN,
        "the rule %s also accepts a name that %s: %s"
            .formatted(rule.name(), how, Findings.cut(match.source())),
        remedy + " a separator (one of " + SEPARATORS + "), or compare the whole with ==.");
  }

  private static boolean isSeparated(String text, int at) {
    return !text.isEmpty() && SEPARATORS.indexOf(text.charAt(at)) >= 0;
  }
}
