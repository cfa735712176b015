package dev.tokenbroker.operate.lint;

import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.evaluate.federation.document.DocumentGate.Source;
import dev.tokenbroker.evaluate.federation.document.YamlComments;
import dev.tokenbroker.evaluate.federation.document.YamlComments.Comment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The comments {@code # lint:ignore CODE reason} of a document. A comment silences warnings with
 * that code about its own line. On a line of its own, it applies to the next line that is no
 * comment. It also silences warnings about an entry that begins on that line.
 */
final class Silences {

  private static final String MARK = "lint:ignore";
  private static final Pattern FORM = Pattern.compile("\\s*lint:ignore(?:\\s+(\\S+)(.*))?");

  private final List<Silence> all;
  private final Set<Silence> used = new HashSet<>();

  private Silences(List<Silence> all) {
    this.all = all;
  }

  /**
   * One comment.
   *
   * @param at the place of the comment
   * @param about the line that the comment applies to
   * @param word the code as written; empty for none
   * @param code null if there is no such code
   */
  private record Silence(
      Place at, Place about, String word, @Nullable LintCode code, boolean reasoned) {}

  static Silences of(List<Source> sources) {
    List<Silence> all = new ArrayList<>();
    for (Source source : sources) {
      if (source.text().contains(MARK)) {
        read(source.name(), YamlComments.of(source.text()), all);
      }
    }
    return new Silences(List.copyOf(all));
  }

  private static void read(String file, List<Comment> comments, List<Silence> all) {
    Set<Integer> alone =
        comments.stream().filter(Comment::alone).map(Comment::line).collect(Collectors.toSet());
    for (Comment comment : comments) {
      Matcher form = FORM.matcher(comment.text());
      if (form.matches()) {
        int about = comment.line();
        while (alone.contains(about)) {
          about++;
        }
        String word = form.group(1) == null ? "" : form.group(1);
        all.add(
            new Silence(
                new Place(file, comment.line()),
                new Place(file, about),
                word,
                LintCode.named(word).filter(code -> !code.isAboutSilence()).orElse(null),
                form.group(2) != null && !form.group(2).isBlank()));
      }
    }
  }

  /**
   * Whether a comment silences this warning.
   *
   * @param entry the place of the entry that the warning is about
   */
  boolean cover(Warning warning, Place entry) {
    List<Silence> covering =
        all.stream()
            .filter(silence -> silence.code() == warning.code())
            .filter(
                silence -> silence.about().equals(warning.place()) || silence.about().equals(entry))
            .toList();
    used.addAll(covering);
    return !covering.isEmpty();
  }

  /** Adds warnings about the comments themselves. Call it after the lookup of all warnings. */
  void warn(Findings findings) {
    for (Silence silence : all) {
      if (silence.code() == null) {
        findings.add(
            LintCode.SILENCE_UNKNOWN_CODE,
            silence.at(),
            silence.at(),
            silence.word().isEmpty()
                ? "the comment silences nothing, since it names no code"
                : "the comment silences nothing, since there is no code " + silence.word(),
            "Write # lint:ignore, the code of a warning, and the reason.");
      } else if (!used.contains(silence)) {
        findings.add(
            LintCode.SILENCE_UNUSED,
            silence.at(),
            silence.at(),
            "the comment silences nothing, since there is no warning %s here"
                .formatted(silence.word()),
            "Remove the comment, or move it to the line that the warning names.");
      } else if (!silence.reasoned()) {
        findings.add(
            LintCode.SILENCE_WITHOUT_REASON,
            silence.at(),
            silence.at(),
            "the comment silences %s without a reason".formatted(silence.word()),
            "Say after the code why the warning does not apply here.");
      }
    }
  }
}
