console.info("the page runs")
