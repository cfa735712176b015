package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.outcome.Evidence;

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
