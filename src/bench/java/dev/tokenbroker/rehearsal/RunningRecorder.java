package dev.tokenbroker.rehearsal;

import dev.tokenbroker.federation.Federation;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/** A recorder as a broker has it, for benchmarks. */
public final class RunningRecorder {

  private RunningRecorder() {}

  /** Starts one. */
  public static Recorder start(RecordingSettings settings, Federation federation, Path file) {
    Recorder recorder =
        new Recorder(settings, () -> Optional.of(federation), InstantSource.system());
    recorder.start(file);
    return recorder;
  }
}
