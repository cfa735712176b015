package dev.tokenbroker.edges.console;

import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console in a real browser, served by the broker as it is shipped. */
@Tag("browser")
class ConsoleIT {

  @TempDir Path directory;

  @AutoClose private WatchedBroker broker;

  @BeforeEach
  void start() {
    broker = WatchedBroker.start(directory);
  }

  @Test
  void keeps_its_memory_and_joins_no_old_cause() {
    BrowserTests.pass("model.test.mjs", broker);
  }

  @Test
  void shows_ends_and_causes_as_told_and_keeps_its_size_for_an_hour() {
    BrowserTests.pass("page.test.mjs", broker);
  }

  @Test
  void shows_in_each_panel_what_has_happened() {
    BrowserTests.pass("panels.test.mjs", broker);
  }

  @Test
  void asks_for_a_token_and_keeps_it_nowhere() {
    BrowserTests.pass("signin.test.mjs", broker);
  }

  @Test
  void works_by_keyboard_in_light_and_dark_and_on_a_narrow_screen() {
    BrowserTests.pass("access.test.mjs", broker);
  }

  @Test
  void reads_one_stream_that_comes_back_and_keeps_up() {
    BrowserTests.pass("stream.test.mjs", broker);
  }
}
