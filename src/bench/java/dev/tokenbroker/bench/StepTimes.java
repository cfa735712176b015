package dev.tokenbroker.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * How long a broker says that the steps of its exchanges took, by its own meters: elapsed time, not
 * processor time.
 */
final class StepTimes {

  private static final Pattern FIGURE =
      Pattern.compile("tokenbroker_exchange_step_seconds_(sum|count)\\{([^}]*)} ([0-9.eE+-]+)");
  private static final Pattern STEP = Pattern.compile("step=\"([a-z_]+)\"");

  private final Map<String, Double> seconds = new HashMap<>();
  private final Map<String, Double> counts = new HashMap<>();

  private StepTimes() {}

  /**
   * The figures of this moment.
   *
   * @param metrics where a broker serves its meters
   */
  static StepTimes read(URI metrics) {
    try (HttpClient http = HttpClient.newBuilder().version(Version.HTTP_1_1).build()) {
      StepTimes times = new StepTimes();
      String text =
          http.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString()).body();
      FIGURE.matcher(text).results().forEach(times::add);
      return times;
    } catch (IOException e) {
      throw new IllegalStateException("the broker serves no meters", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while meters are read", e);
    }
  }

  /** The mean of a step since then, in microseconds; NaN where it was not taken. */
  double meanMicrosSince(StepTimes before, String step) {
    return 1e6
        * (of(seconds, step) - of(before.seconds, step))
        / (of(counts, step) - of(before.counts, step));
  }

  private void add(MatchResult figure) {
    Map<String, Double> figures = figure.group(1).equals("sum") ? seconds : counts;
    STEP.matcher(figure.group(2))
        .results()
        .forEach(
            step -> figures.merge(step.group(1), Double.valueOf(figure.group(3)), Double::sum));
  }

  private static double of(Map<String, Double> figures, String step) {
    return figures.getOrDefault(step, 0.0);
  }
}
