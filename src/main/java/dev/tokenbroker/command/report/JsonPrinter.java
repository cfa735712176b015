package dev.tokenbroker.command.report;

import dev.tokenbroker.base.refusal.Evidence;
import io.vertx.core.json.JsonObject;
import java.util.stream.Collectors;

/** Prints JSON so that a person can read it. */
public final class JsonPrinter {

  private JsonPrinter() {}

  /** The document, which ends with a line break. {@link Evidence#escaped} loses no value. */
  public static String print(JsonObject json) {
    return json.encodePrettily()
        .lines()
        .map(Evidence::escaped)
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
