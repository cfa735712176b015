package dev.tokenbroker.process.runtime;

import jakarta.annotation.Priority;
import java.util.Locale;
import org.eclipse.microprofile.config.spi.Converter;
import org.jspecify.annotations.Nullable;

/**
 * Reads the booleans of all settings, those of Quarkus included. SmallRye Config itself reads any
 * misspelt word as false, which would switch a protection off.
 */
@Priority(StrictBoolean.BEFORE_OTHERS)
public final class StrictBoolean implements Converter<Boolean> {

  static final int BEFORE_OTHERS = 1_000;

  @Override
  public @Nullable Boolean convert(String value) {
    return switch (value.strip().toLowerCase(Locale.ROOT)) {
      case "" -> null;
      case "true", "yes", "y", "on", "1" -> true;
      case "false", "no", "n", "off", "0" -> false;
      default -> throw new IllegalArgumentException("is neither true nor false");
    };
  }
}
