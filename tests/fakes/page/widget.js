console.info("the widget runs")
