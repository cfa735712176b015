package dev.tokenbroker.rehearsal;

import dev.tokenbroker.federation.Federation;
import jakarta.enterprise.event.Shutdown;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** A recorder as a broker has it, for tests and benchmarks of other packages. */
public final class RunningRecorder {

  private RunningRecorder() {}

  /** Starts one. */
  public static Recorder start(RecordingSettings settings, Federation federation, Path file) {
    Recorder recorder =
        new Recorder(settings, () -> Optional.of(federation), InstantSource.system());
    recorder.start(file);
    return recorder;
  }

  /** Writes all that it has recorded, and ends it. */
  public static void stop(Recorder recorder) {
    recorder.stop(new Shutdown());
  }
}
