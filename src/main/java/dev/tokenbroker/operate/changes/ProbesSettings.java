package dev.tokenbroker.operate.changes;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.spi.Converter;

/** Settings for the probes of issuers and upstreams. */
@ConfigMapping(prefix = "token-broker.probes")
public interface ProbesSettings {

  /**
   * How long an issuer or an upstream may go without a call before the broker probes it: from 10 s
   * to 1 h, or {@code off}.
   */
  @WithDefault("5m")
  @WithConverter(ProbeTimeConverter.class)
  Duration every();

  /**
   * Reads a duration such as {@code 5m}, {@code 90} (seconds) or {@code PT5M}; {@code off} is 0.
   */
  final class ProbeTimeConverter implements Converter<Duration> {

    private static final Pattern SHORT = Pattern.compile("(\\d{1,9})(ms|[smh])?");

    @Override
    public Duration convert(String value) {
      String text = value.strip().toLowerCase(Locale.ROOT);
      if (text.equals("off")) {
        return Duration.ZERO;
      }
      Matcher parts = SHORT.matcher(text);
      try {
        if (!parts.matches()) {
          return Duration.parse(text);
        }
        String unit = parts.group(2);
        long number = Long.parseLong(parts.group(1));
        return "ms".equals(unit)
            ? Duration.ofMillis(number)
            : Duration.parse("PT" + number + (unit == null ? "s" : unit));
      } catch (DateTimeException malformed) {
        throw new IllegalArgumentException(
            "token-broker.probes.every must be a duration such as 5m, or off", malformed);
      }
    }
  }
}
