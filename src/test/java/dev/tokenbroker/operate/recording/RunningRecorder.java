package dev.tokenbroker.operate.recording;

import dev.tokenbroker.evaluate.federation.document.Federation;
import jakarta.enterprise.event.Startup;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** A recorder as a broker has it, for tests and benchmarks of other packages. */
public final class RunningRecorder {

  private RunningRecorder() {}

  /** Starts one, if the settings enable it. */
  public static Recorder start(
      RecordingSettings settings, Federation federation, InstantSource clock) {
    Recorder recorder = new Recorder(settings, () -> Optional.of(federation), clock);
    recorder.start(new Startup());
    return recorder;
  }

  /** Writes all that it has recorded, however slow the disk is, and ends it. */
  public static void stop(Recorder recorder) {
    recorder.stop(Duration.ofMinutes(1));
  }
}
