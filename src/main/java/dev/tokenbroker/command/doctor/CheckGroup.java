package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.refusal.Evidence;
import java.util.List;

/** The checks of one subject, such as an issuer, in their order. */
public record CheckGroup(String name, List<CheckLine> checks) {

  public CheckGroup {
    name = Evidence.clean(name);
    checks = List.copyOf(checks);
  }

  /** Whether any check has that result. */
  public boolean has(CheckResult result) {
    return checks.stream().anyMatch(checked -> checked.result() == result);
  }

  /** Whether that check failed. */
  public boolean failed(DoctorCheck check) {
    return checks.stream()
        .anyMatch(line -> line.check() == check && line.result() == CheckResult.FAILED);
  }

  /** Whether a repetition may help: a check failed for a reason that may pass. */
  boolean isWorthRepeating() {
    return checks.stream()
        .anyMatch(checked -> checked.result() == CheckResult.FAILED && checked.mayPass());
  }

  /**
   * One line of the report.
   *
   * @param code the name of the defect or the refusal reason; the name of the check where there is
   *     none
   * @param name what was checked
   * @param detail what was seen; cleaned
   * @param remedy what to do, in a sentence that follows from the detail; empty unless the check
   *     failed or warns
   * @param mayPass whether the check is worth repeating
   */
  public record CheckLine(
      DoctorCheck check,
      String code,
      String name,
      CheckResult result,
      String detail,
      String remedy,
      boolean mayPass) {

    public CheckLine {
      code = Evidence.clean(code);
      name = Evidence.clean(name);
      detail = Evidence.clean(detail);
      remedy = Evidence.clean(remedy);
    }
  }
}
