package dev.tokenbroker.drill;

import dev.tokenbroker.drill.DrilledBroker.Got;
import dev.tokenbroker.edges.grpc.Eventually;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;

/** Compares what the broker made of one fault with what it must, and reports all differences. */
final class FaultCheck {

  /** Shorter ones are words that remedies have, too. */
  private static final int SHORTEST_EVIDENCE = 12;

  private static final SelectingAlerts ALERTS = new SelectingAlerts();

  private final DrilledBroker broker;
  private final AlertTrial trial;
  private final Fault fault;
  private final Scene scene;
  private final SoftAssertions softly = new SoftAssertions();
  private String lastVerdict = "";

  FaultCheck(DrilledBroker broker, AlertTrial trial, Fault fault, Scene scene) {
    this.broker = broker;
    this.trial = trial;
    this.fault = fault;
    this.scene = scene;
  }

  /** What operators and the caller read. */
  void answered(Fault.Edge edge, Got got) {
    softly.assertThat(got.reason()).as("reason over " + edge).isEqualTo(fault.reason);
    boolean again = !lastVerdict.isEmpty();
    lastVerdict = got.verdictId();
    ReadVerdict verdict = lastVerdict.isEmpty() ? ReadVerdict.NONE : broker.verdict(lastVerdict);
    DrillReport.add(fault, edge, got, verdict);
    String evidence = verdict.evidence();
    String shown = scene.origin().isEmpty() ? evidence : evidence.replace(scene.origin(), "ORIGIN");
    all("evidence over " + edge, shown, fault.seen);
    if (again) {
      all("evidence over " + edge, shown, fault.seenAgain);
    }
    all("caller over " + edge, got.text(), fault.told);
    all("answer over " + edge, got.text(), fault.answers.getOrDefault(edge, List.of()));
    if (!lastVerdict.isEmpty()) {
      all("evidence over " + edge, shown, fault.told);
      all("remedy over " + edge, verdict.remedy(), fault.remedies);
    }
    for (String secret : hidden(got, verdict)) {
      softly.assertThat(got.text()).as("hidden over " + edge).doesNotContain(secret);
    }
    softly.assertThat(evidence).doesNotContain(Scene.SECRET);
    if (!fault.nowhere.isEmpty()) {
      List<String> written = new ArrayList<>(broker.process().lines());
      written.addAll(broker.meters());
      written.add(got.text() + verdict.members());
      softly
          .assertThat(written)
          .as("written")
          .noneMatch(line -> fault.nowhere.stream().anyMatch(line::contains));
    }
  }

  /** Notes, and what a caller without a verified credential must not see of the failed step. */
  private List<String> hidden(Got got, ReadVerdict verdict) {
    List<String> hidden = new ArrayList<>(fault.hidden);
    hidden.add(Scene.SECRET);
    hidden.addAll(verdict.notes());
    if (!got.isDisclosed()) {
      verdict.seen().stream()
          .filter(seen -> seen.length() > SHORTEST_EVIDENCE)
          .forEach(hidden::add);
    }
    return hidden;
  }

  private void all(String what, String text, List<String> words) {
    words.forEach(word -> softly.assertThat(text).as(what).contains(word));
  }

  /** The one line of the peer; without one, the audit record. */
  void logged() {
    if (fault.log.isEmpty()) {
      softly
          .assertThat(printed(this::records))
          .as("audit record")
          .isNotEmpty()
          .allMatch(
              line ->
                  isCounted(line)
                      || (line.contains("\"reason\":\"" + fault.reason + "\"")
                          && line.contains("\"fault\":\"" + fault.party + "\"")));
      return;
    }
    Pattern wanted =
        Pattern.compile(
            fault
                .log
                .replace("SLUG", Pattern.quote(scene.slug()))
                .replace("ORIGIN", Pattern.quote(scene.origin())));
    softly
        .assertThat(printed(line -> !line.startsWith("{") && wanted.matcher(line).find()))
        .as("log line " + fault.log)
        .hasSize(1);
  }

  /** Whether the line records the last refusal. The drill is faster than each may have a line. */
  private boolean records(String line) {
    return line.startsWith("{")
        && (line.contains(lastVerdict)
            || (isCounted(line) && line.contains("\"" + fault.reason + "\":")));
  }

  private static boolean isCounted(String line) {
    return line.contains("\"intent\":\"counted\"");
  }

  /** The lines like that, once there is one: another thread reads what the broker prints. */
  private List<String> printed(Predicate<String> wanted) {
    return Eventually.see(
        () -> broker.process().lines().stream().filter(wanted).toList(), seen -> !seen.isEmpty());
  }

  /** What is counted, and the alert on it. */
  void counted() {
    List<String> scrape = broker.meters();
    String label = label();
    softly
        .assertThat(scrape)
        .as("meter")
        .anyMatch(
            line ->
                line.startsWith("tokenbroker_refusals_total{")
                    && line.contains("reason=\"" + fault.reason + "\"")
                    && line.contains("fault=\"" + fault.party + "\"")
                    && line.contains(label));
    if (!fault.meter.isEmpty()) {
      softly
          .assertThat(scrape)
          .as("meter " + fault.meter)
          .anyMatch(line -> line.contains(label) && line.matches(fault.meter + "\\{.*[1-9].*"));
    }
    if (!fault.alert().equals(Fault.NO_ALERT)) {
      softly
          .assertThat(ALERTS.selects(fault.alert(), scrape, label))
          .as("alert " + fault.alert())
          .isTrue();
      trial.expect(fault.alert(), label, scrape);
    }
  }

  private String label() {
    if (scene.origin().isEmpty() || !fault.attributed) {
      return "reason=\"" + fault.reason + "\"";
    }
    String subject = scene.upstreams().isEmpty() ? "issuer" : "upstream";
    return subject + "=\"" + scene.slug() + "\"";
  }

  void end() {
    softly.assertAll();
  }
}
