/**
 * What draws the charts in the page: plain JavaScript, because it runs in a browser and is part of the page. Names that
 * came from outside only ever become text nodes.
 */
export const htmlScript = String.raw`
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("charts").textContent);
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var coarse = window.matchMedia("(pointer: coarse)").matches;
  var printing = false;
  var drawn = [];

  function palette() { return dark.matches && !printing ? data.palettes.dark : data.palettes.light; }

  function themed(value, colors) {
    if (typeof value === "string") return value.charAt(0) === "@" ? colors[value.slice(1)] || colors.text : value;
    if (Array.isArray(value)) return value.map(function (item) { return themed(item, colors); });
    if (value && typeof value === "object") {
      var copy = {};
      Object.keys(value).forEach(function (key) { copy[key] = themed(value[key], colors); });
      return copy;
    }
    return value;
  }

  function grouped(text) {
    var parts = text.replace("-", "\u2212").split(".");
    parts[0] = parts[0].replace(/\B(?=(\d{3})+$)/g, "\u202f");
    return parts.join(".");
  }

  function digits(value, count) {
    if (value === 0) return "0";
    var decimals = Math.max(0, Math.min(6, count - 1 - Math.floor(Math.log10(Math.abs(value)))));
    var text = value.toFixed(decimals);
    return grouped(text.indexOf(".") < 0 ? text : text.replace(/\.?0+$/, ""));
  }

  function scaled(value, steps) {
    if (value === 0) return "0";
    var size = Math.abs(value), step = steps[0];
    steps.forEach(function (candidate) { if (size >= candidate[2]) step = candidate; });
    return digits(value / step[0], 3) + "\u00a0" + step[1];
  }

  var durations = [[1, "µs", 0], [1e3, "ms", 1e3], [1e6, "s", 1e6], [6e7, "min", 12e7], [36e8, "h", 72e8]];
  var sizes = [[1, "B", 0], [1e3, "kB", 1e3], [1e6, "MB", 1e6], [1e9, "GB", 1e9]];

  function written(value, unit) {
    if (value === null || value === undefined) return "\u2013";
    if (unit === "micros") return scaled(value, durations);
    if (unit === "bytes") return scaled(value, sizes);
    if (unit === "bytesPerSecond") return value === 0 ? "0" : scaled(value, sizes) + "/s";
    if (unit === "share") return digits(value * 100, 3) + "\u202f%";
    if (unit === "count") return grouped(String(Math.round(value)));
    return digits(value, 3);
  }

  var suffixes = { seconds: "\u00a0s", perSecond: "\u00a0tx/s", cores: "\u00a0cores", eachSecond: "/s" };

  function tooltip(chart) {
    return function (items) {
      var box = document.createElement("div"), table = document.createElement("table"), head = document.createElement("b");
      box.className = "tip";
      head.textContent = chart.names ? items[0].axisValue : digits(items[0].axisValue, 6) + suffixes[chart.xUnit];
      box.appendChild(head);
      items.forEach(function (item) {
        var row = table.insertRow(), name = row.insertCell(), value = row.insertCell(), mark = document.createElement("i");
        mark.style.borderTopColor = item.color;
        name.appendChild(mark);
        name.appendChild(document.createTextNode(item.seriesName));
        var number = Array.isArray(item.value) ? item.value[1] : item.value;
        value.textContent = written(number, chart.unit) + (number == null ? "" : suffixes[chart.unit] || "");
      });
      box.appendChild(table);
      return box;
    };
  }

  function fitted(option, chart, width) {
    var areas = option.series[0] && option.series[0].markArea;
    if (areas) areas.data.forEach(function (area) {
      var room = (area[1].xAxis - area[0].xAxis) / option.xAxis.max * (width - 80);
      if (area[0].name.length * 6.5 > room) area[0].label.show = false;
    });
    if (width < 560) option.xAxis.splitNumber = 4;
    var rows = 1, used = 0;
    option.legend.data.forEach(function (item) {
      var wide = item.name.length * 6.8 + 54;
      if (used > 0 && used + wide > width) { rows += 1; used = 0; }
      used += wide;
    });
    option.legend.type = "plain";
    option.grid.top += (rows - 1) * 20;
    return option;
  }

  /** On paper the page is as wide as the paper, whatever the window is. */
  function fit(entry) {
    var size = { width: "auto", height: "auto" };
    if (printing) size = entry.element.closest(".pair") ? { width: 305, height: 200 } : { width: 640, height: 250 };
    entry.drawing.resize(size);
  }

  function draw(entry) {
    var colors = palette(), chart = entry.chart;
    var option = fitted(themed(chart.option, colors), chart, entry.drawing.getWidth());
    option.yAxis.axisLabel.formatter = function (value) { return written(value, chart.unit); };
    if (!chart.names) option.xAxis.axisLabel.formatter = function (value) { return grouped(String(value)); };
    option.tooltip = { trigger: "axis", confine: true, formatter: tooltip(chart), backgroundColor: colors.background,
      borderColor: colors.grid, textStyle: { color: colors.text }, axisPointer: { lineStyle: { color: colors.faint } } };
    if (!coarse && !chart.names) option.dataZoom = [{ type: "inside", zoomOnMouseWheel: "shift", moveOnMouseMove: "shift", moveOnMouseWheel: false }];
    entry.drawing.setOption(option, true);
  }

  function start(element) {
    var chart = data.charts[element.dataset.chart];
    var entry = { element: element, chart: chart, drawing: echarts.init(element, null, { renderer: "svg" }), width: element.clientWidth };
    if (chart.xUnit === "seconds") { entry.drawing.group = "time"; echarts.connect("time"); }
    drawn.push(entry);
    draw(entry);
  }

  function again() { drawn.forEach(function (entry) { fit(entry); draw(entry); }); }

  Array.prototype.forEach.call(document.querySelectorAll(".chart"), start);
  dark.addEventListener("change", again);
  window.addEventListener("beforeprint", function () { printing = true; again(); });
  window.addEventListener("afterprint", function () { printing = false; again(); });
  new ResizeObserver(function () {
    drawn.forEach(function (entry) {
      if (printing || entry.width === entry.element.clientWidth) return;
      entry.width = entry.element.clientWidth;
      fit(entry);
      draw(entry);
    });
  }).observe(document.body);
})();
`.trim();
