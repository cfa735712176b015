package dev.tokenbroker.command;

import com.google.protobuf.Timestamp;
import java.time.Instant;

/** Shows the times of API messages, which are valid. */
final class Times {

  private Times() {}

  /** The time to the second. */
  static String seconds(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds()).toString();
  }
}
