package dev.tokenbroker.operate.changes.shape;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.federation.document.Federation;
import jakarta.enterprise.event.Startup;
import java.util.Optional;

/** The shapes of claims as a broker learns them; for benchmarks. */
public final class LearningShapes {

  private LearningShapes() {}

  /** Starts the thread that learns; changes are reported to nobody. */
  public static ShapeWatch start(Federation federation) {
    ShapeWatch shapes = new ShapeWatch(_ -> {}, () -> Optional.of(federation), Clocks.system());
    shapes.start(new Startup());
    return shapes;
  }
}
